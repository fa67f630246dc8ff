package demo

// service of the demo organisation: its name, its team, the options of the custom field that name it and what goes wrong
// in it, each symptom in Japanese and English. more is what else the configuration says of it, in YAML.
type service struct {
	name, team string
	options    []string
	more       string
	symptoms   []symptom
}

// symptom is an incident's name and summary in both languages.
type symptom struct{ ja, jaMore, en, enMore string }

// outside is an option of the field that no configured service answers to.
const outside = "社内ツール"

var services = []service{
	{"api", "Platform", []string{"API"}, `    deployments:
      - {from: deployments, environment: production}
      - {from: files, environment: production}   # the history of the earlier tool
`, []symptom{
		{"APIのレスポンスが遅延", "p95が通常の6倍に悪化しました。コネクションプールの枯渇が原因です。", "API responses are slow", "The 95th percentile rose to six times its usual value because the connection pool ran dry."},
		{"APIゲートウェイで502が多発", "新しいノードがヘルスチェックを通らないまま受信を始めていました。", "502 errors at the API gateway", "New nodes took traffic before they had passed their health checks."},
		{"レート制限が全顧客に誤適用", "設定ファイルの既定値が本番に反映され、正常なリクエストが429になりました。", "Rate limits applied to every customer by mistake", "A default from the configuration reached production and turned good requests into 429s."},
		{"Webhookの配信が停止", "配信キューのワーカーが再起動を繰り返していました。", "Webhooks are not delivered", "The workers of the delivery queue restarted over and over."},
	}},
	{"web", "Storefront", []string{"Web"}, `    paths: ["apps/web/**", "packages/**"]   # in a monorepo: what touches these is this service's
`, []symptom{
		{"トップページが表示されない", "静的アセットの配信元が誤った証明書を返していました。", "The home page does not load", "The origin of static assets served the wrong certificate."},
		{"カートの中身が消える", "セッションの保存先を切り替えた際に互換性が失われました。", "Carts lose their contents", "A move to another session store broke old sessions."},
		{"商品画像が読み込めない", "CDNのキャッシュ削除が全パスに対して実行されました。", "Product images fail to load", "A purge ran over every path of the CDN at once."},
		{"Safariで購入画面が真っ白になる", "新しいビルドが古いSafariで構文エラーになりました。", "Checkout page is blank in Safari", "The new build has syntax that older Safari cannot read."},
	}},
	{"payments", "Payments", []string{"Payments", "決済"}, `    # One run of the pipeline brings both repositories of the service to an environment: one deployment (D5).
    deployments: [{from: deployments, environment: "prod-*", group: payload.pipeline_id}]
`, []symptom{
		{"決済APIで5xxが増加", "台帳のクエリがインデックスを使わなくなり、タイムアウトが連鎖しました。", "Payments API returns more 5xx", "A ledger query stopped using its index and timeouts spread from there."},
		{"クレジットカード決済が失敗する", "決済代行会社の証明書更新に追従できていませんでした。", "Card payments fail", "We had not followed the processor's change of certificate."},
		{"二重請求が発生", "リトライ時の冪等キーが欠落していました。返金は完了しています。", "Some customers were charged twice", "Retries had lost their idempotency key. All refunds have been made."},
		{"売上レポートの入金額が合わない", "日次バッチが時差を考慮せず、境界の取引を落としていました。", "Payout totals do not add up", "The daily batch ignored the time zone and dropped transactions at the boundary."},
	}},
	{"search", "Storefront", []string{"Search"}, `    deployments:   # what both report is one deployment (D2); in the first months some runs recorded none
      - {from: deployments, environment: production}
      - {from: workflow_runs, workflow: deploy.yml, event: [push, workflow_dispatch], branch: [main], environment: production}
`, []symptom{
		{"検索結果が0件になる", "インデックスの入れ替えが途中で失敗していました。", "Search returns no results", "The swap of the index had failed half way."},
		{"検索のレイテンシが悪化", "ホットなシャードに負荷が集中しました。", "Search latency is high", "One hot shard took most of the load."},
		{"新商品が検索に出てこない", "更新キューの滞留により反映が3時間遅れました。", "New products are missing from search", "The update queue lagged by three hours."},
		{"サジェストに不適切な語が表示", "除外リストの読み込みに失敗していました。", "Suggestions show words that should be hidden", "The list of excluded words had not been loaded."},
	}},
	{"auth", "Platform", []string{"Auth"}, "", []symptom{
		{"ログインできないユーザーが増加", "トークンの署名鍵のローテーションが一部のノードに届いていませんでした。", "More users cannot sign in", "Some nodes never received the rotated signing key."},
		{"SSOでリダイレクトが繰り返される", "クッキーのSameSite属性の変更が影響しました。", "SSO ends in a redirect loop", "A change to the SameSite attribute of the cookie caused it."},
		{"二要素認証のSMSが届かない", "SMS事業者の障害です。代替経路に切り替えました。", "Two-factor SMS messages do not arrive", "The SMS provider was down; we switched to the other route."},
		{"パスワードリセットのメールが遅延", "送信キューの優先度設定が失われていました。", "Password reset mails are late", "The send queue had lost its priorities."},
	}},
	{"notifications", "Storefront", []string{"Notifications"}, `    paths: ["apps/notifications/**", "packages/**"]
`, []symptom{
		{"プッシュ通知が重複して届く", "コンシューマーの再割り当て中にオフセットが巻き戻りました。", "Push notifications arrive twice", "Offsets went back while consumers were reassigned."},
		{"メール配信の大幅な遅延", "送信元IPが一時的にブロックされました。", "Mail delivery is very late", "The sending address was blocked for a while."},
		{"通知の文面が英語で表示される", "翻訳ファイルがデプロイから漏れていました。", "Notifications come in the wrong language", "The translation files were left out of the deploy."},
	}},
	{"data-pipeline", "Data", []string{"Data pipeline"}, `    deployments: [{from: releases, pattern: "v*"}]   # publishing a release is deploying it
`, []symptom{
		{"夜間バッチが完了しない", "入力データの急増でメモリが不足しました。", "The nightly batch does not finish", "Input grew suddenly and the job ran out of memory."},
		{"ダッシュボードの数値が更新されない", "上流のスキーマ変更で取り込みが停止しました。", "Dashboards show stale numbers", "A change of schema upstream stopped the import."},
		{"イベントの取り込みに欠損", "2時間分のイベントを再処理して復旧しました。", "Events are missing", "Two hours of events were replayed."},
	}},
	{"mobile-backend", "Storefront", []string{"Mobile backend"}, "", []symptom{
		{"モバイルアプリが起動時にクラッシュ", "想定外のnullを返すAPI変更が原因です。旧応答に戻しました。", "The mobile app crashes on start", "A changed answer held a null that the app did not expect; the old answer is back."},
		{"Androidでのみ注文履歴が表示されない", "ページングのカーソルの形式が変わっていました。", "Order history is empty on Android", "The form of the paging cursor had changed."},
		{"アプリの画像アップロードが失敗する", "署名付きURLの有効期限が短すぎました。", "Image uploads from the app fail", "Signed addresses expired too soon."},
	}},
}

// What people write in updates, by stage; and follow-ups. Japanese first, English second.
var (
	investigatingWords = [][2]string{
		{"状況を確認しています。", "We are looking into it."},
		{"直近のデプロイとの関連を調べています。", "We are checking whether a recent deploy is to blame."},
		{"影響範囲を調査中です。", "We are finding out how many are affected."},
	}
	fixingWords = [][2]string{
		{"原因を特定し、ロールバックを開始しました。", "The cause is known; we are rolling back."},
		{"設定を修正し、順次反映しています。", "We have corrected the configuration and are rolling it out."},
		{"データベースの負荷を下げる対応を進めています。", "We are taking load off the database."},
	}
	monitoringWords = [][2]string{
		{"復旧を確認しました。しばらく監視を続けます。", "It works again. We keep watching."},
		{"エラー率は平常値に戻りました。", "The error rate is back to normal."},
	}
	doneWords = [][2]string{
		{"振り返りの資料を作成しています。", "We are writing the review."},
		{"恒久対応をフォローアップに登録しました。", "Lasting fixes are filed as follow-ups."},
	}
	againWords = [][2]string{
		{"同じ事象が再発したため、再オープンします。", "It has come back, so we reopen this incident."},
	}
	declinedWords = [][2]string{
		{"監視の誤検知でした。", "The alert was false."},
		{"想定内の挙動のため対応しません。", "This is expected behaviour."},
	}
	followUpTitles = [][2]string{
		{"コネクションプールの上限を見直す", "Review the limit of the connection pool"},
		{"ロールバック手順をランブックに追記する", "Add the rollback to the runbook"},
		{"監視のしきい値を調整する", "Adjust the alert's threshold"},
		{"負荷試験のシナリオに追加する", "Add the case to the load tests"},
		{"証明書の期限を自動で通知する", "Warn before certificates expire"},
		{"スキーマ変更の連絡手順を決める", "Agree on how schema changes are announced"},
		{"リトライ処理に冪等キーを付ける", "Give retries an idempotency key"},
		{"カナリアリリースの対象を広げる", "Widen the canary release"},
	}
)
