-- What a build makes of a whole ledger: for the tests alone, in which `ledger` is any ledger.
{{ latest('ledger', ['name'], none, none) }}
