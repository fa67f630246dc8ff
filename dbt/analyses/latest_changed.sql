-- What a build that goes on from another changes in `had`, what the other made of `ledger`: for the tests alone.
{{ latest('ledger', ['name'], 'had', "timestamp '2000-01-01 00:00:00+00'") }}
