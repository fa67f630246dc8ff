select
    incident_id,
    reference,
    started_at,
    services,
    {{ said('reason', [
        {'when': "obstacle = 'manual'", 'en': 'manual: none', 'ja': '人による指定：原因のデプロイなし'},
        {'when': "obstacle = 'no start'", 'en': 'L4 it has no start', 'ja': 'L4 開始時刻がありません'},
        {
            'when': "obstacle = 'no service'",
            'en': 'L4 nothing names its cause, and it names no service',
            'ja': 'L4 原因を示す情報がなく、設定済みのサービスにも該当しません',
        },
        {
            'when': "obstacle = 'off'",
            'en': 'L4 nothing names its cause, and metrics.failure_window is off',
            'ja': 'L4 原因を示す情報がなく、metrics.failure_windowがoffです',
        },
        {
            'when': "obstacle = 'none before'",
            'en': 'L4 nothing names its cause, and no counted deployment finished before it started',
            'ja': 'L4 原因を示す情報がなく、開始より前に完了した集計対象のデプロイもありません',
        },
        {
            'en': 'L4 nothing names its cause, and the nearest deployment is beyond metrics.failure_window',
            'ja': 'L4 原因を示す情報がなく、最も近いデプロイはmetrics.failure_windowの範囲外です',
        },
    ]) }},
    nearest_deployment_id,
    nearest_seconds,
    {{ said('what_would_link', [
        {
            'when': "obstacle = 'manual'",
            'en': 'Nothing: {decided_by} decided that no deployment caused it (line {decision_line:number} of '
                'metrics.links).',
            'ja': '不要です。原因のデプロイはないと{decided_by}が判断しています（metrics.linksの{decision_line:number}行目）。',
        },
        {
            'when': 'line_problem is not null',
            'en': '{line_problem}, by which no one deployment is known: correct that line.',
            'ja': '{line_problem_ja}が、これでデプロイを1つに特定できません。この行を修正してください。',
        },
        {
            'when': "obstacle = 'no start'",
            'en': 'It has none of the times of metrics.restore.start: give it one, or {remedy}.',
            'ja': 'metrics.restore.startの時刻がどれもありません。いずれかを記入するか、{remedy_ja}。',
        },
        {
            'when': 'field_value is not null',
            'en': 'The field "{cause_field}" says "{field_value}", by which no deployment to production is known: name '
                'the deployment, commit, tag or release there.',
            'ja': 'フィールド「{cause_field}」に「{field_value}」とありますが、該当する本番環境へのデプロイがありません。'
                'デプロイ、コミット、タグ、リリースのいずれかを記入してください。',
        },
        {
            'when': 'attachment_problem is not null',
            'en': '{attachment_problem}: attach what caused it, or {remedy}.',
            'ja': '{attachment_problem_ja}。原因となったものを添付するか、{remedy_ja}。',
        },
        {
            'when': "obstacle = 'no service' and fields is null",
            'en': 'It names no service, and no field can name one: set services[].incident_values, or {remedy}.',
            'ja': 'サービスが分からず、サービスを示すフィールドもありません。services[].incident_valuesを設定するか、{remedy_ja}。',
        },
        {
            'when': "obstacle = 'no service'",
            'en': 'It names no service: choose a value of services[].incident_values in {fields}, or {remedy}.',
            'ja': 'サービスが分かりません。{fields}でservices[].incident_valuesにある値を選ぶか、{remedy_ja}。',
        },
        {
            'when': "obstacle = 'off'",
            'en': 'Time links nothing (metrics.failure_window is off): {remedy}.',
            'ja': 'metrics.failure_windowがoffのため、時間の近さでは関連付けません。{remedy_ja}。',
        },
        {
            'when': "obstacle = 'none before'",
            'en': 'No counted deployment of {whose} finished at or before the start: look at services[].deployments, or '
                '{remedy}.',
            'ja': '{whose_ja}集計対象のデプロイで、開始までに完了したものがありません。services[].deploymentsを見直すか、'
                '{remedy_ja}。',
        },
        {
            'en': 'The nearest, {nearest_deployment_id} of {nearest_service}, finished {nearest_seconds:number} seconds '
                'before the start, and metrics.failure_window is {failure_window} seconds: {remedy}.',
            'ja': '最も近い{nearest_service}の{nearest_deployment_id}は開始の{nearest_seconds:number}秒前に完了しており、'
                'metrics.failure_windowの{failure_window}秒を超えています。{remedy_ja}。',
        },
    ]) }},
    decided_by,
    decision_reason,
    {{ build_id() }} as build_id
from {{ ref('int_unlinked_incidents_judged') }}
