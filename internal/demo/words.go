package demo

// What changes are called, by what kind they are; Japanese first, English second. A word of a service may follow.
var (
	featureTitles = [][2]string{
		{"注文履歴の絞り込みを追加", "Let customers filter their orders"},
		{"配送先の住所を複数登録できるようにする", "Keep several delivery addresses"},
		{"クーポンの有効期限を表示", "Show when a coupon expires"},
		{"在庫数を画面に反映する間隔を短縮", "Refresh stock more often"},
		{"ギフト包装のオプションを追加", "Offer gift wrapping"},
		{"お気に入りの並び替えに対応", "Sort favourites"},
		{"領収書のPDF出力", "Print receipts as PDF"},
		{"再入荷のお知らせを受け取れるようにする", "Tell customers when something is in stock again"},
		{"ポイントの履歴を表示する", "Show the history of points"},
		{"管理画面に返金の理由を追加", "Ask for the reason of a refund"},
		{"レビュー投稿に写真を添付できるようにする", "Let reviews have photographs"},
		{"定期購入のスキップに対応", "Let subscribers skip a month"},
		{"検索条件の保存", "Save searches"},
		{"配送日時の指定を改善", "Choose a delivery slot in one step"},
	}
	choreTitles = [][2]string{
		{"設定の読み込みを一箇所にまとめる", "Read the configuration in one place"},
		{"使われていないフラグを削除", "Remove flags that are no longer used"},
		{"ログの項目名を統一", "Give log fields one name each"},
		{"テストの実行時間を短縮", "Make the tests faster"},
		{"N+1クエリを解消", "Ask the database once"},
		{"リトライの間隔を指数的に延ばす", "Back off when retrying"},
		{"コネクションプールの設定を見直す", "Review the pool's settings"},
		{"メトリクスの追加", "Measure the queue's length"},
		{"インデックスを追加", "Add an index to orders"},
		{"キャッシュの有効期間を調整", "Tune how long answers are cached"},
		{"タイムアウトを明示する", "State the timeout of every call"},
		{"ドキュメントを更新", "Update the runbook"},
		{"型定義を整理", "Tidy the types"},
		{"監査ログに操作者を残す", "Record who did it in the audit log"},
	}
	bugTitles = [][2]string{
		{"日付の境界がずれる不具合を修正", "Correct the date at midnight"},
		{"空の入力で500になる問題を修正", "Answer 400 to empty input"},
		{"文字化けを修正", "Keep non-ASCII names intact"},
		{"二重送信を防ぐ", "Prevent double submission"},
		{"金額の丸め誤差を修正", "Round amounts once"},
		{"画像の縦横比が崩れるのを修正", "Keep the aspect of images"},
		{"エラー時に接続が閉じられない問題を修正", "Close the connection after an error"},
		{"並び順が不安定なのを修正", "Order lists the same every time"},
	}
	repairTitles = [][2]string{
		{"障害対応: nullを許容する", "Tolerate a missing value"},
		{"障害対応: タイムアウトを元の値に戻す", "Restore the former timeout"},
		{"障害対応: プールの上限を引き上げる", "Raise the limit of the pool"},
		{"障害対応: 例外時に既定値を返す", "Fall back to the default when the call fails"},
		{"障害対応: インデックスの指定を修正", "Use the right index"},
		{"障害対応: 不正な設定値を修正", "Correct a wrong setting"},
	}
	// fixupTitles are those of further commits on a branch.
	fixupTitles = [][2]string{
		{"レビュー指摘を反映", "Address the review"},
		{"テストを追加", "Add tests"},
		{"リファクタリング", "Refactor"},
		{"命名を変更", "Rename"},
		{"lintの警告を解消", "Satisfy the linter"},
		{"エラー処理を追加", "Handle the error"},
		{"翻訳を追加", "Add translations"},
		{"ログを調整", "Log less"},
	}
	dependencies = []string{"golang.org/x/net", "react", "eslint", "postgres driver", "grpc", "zod", "aws-sdk", "prometheus client", "typescript", "vite", "pytest", "dbt-core", "opentelemetry", "redis"}
	areas        = []string{"cart", "checkout", "session", "orders", "catalog", "ledger", "refunds", "tokens", "index", "ranking", "push", "mail", "export", "loader", "profile", "uploads"}
)
