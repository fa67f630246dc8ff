package parity

import "testing"

func TestJSONIsAlikeInItsOrderAndButForTheLastDigits(t *testing.T) {
	const base = `{"id":"a 1","n":1234567,"share":0.25,"at":null,"open":true}`
	for got, want := range map[string]bool{
		base: true,
		`{"id":"a 1","n":1234567,"share":0.25000000000001,"at":null,"open":true}`: true,
		`{"id":"a 1","n":1234567,"share":0.250001,"at":null,"open":true}`:         false,
		`{"id":"a 1","n":1234568,"share":0.25,"at":null,"open":true}`:             false,
		`{"id":"a 2","n":1234567,"share":0.25,"at":null,"open":true}`:             false,
		`{"n":1234567,"id":"a 1","share":0.25,"at":null,"open":true}`:             false,
		`{"id":"a 1","n":1234567,"share":0.25,"at":0,"open":true}`:                false,
		`{"id":"a 1","n":1234567,"share":0.25,"at":null}`:                         false,
		`{"id":"a 1","n":1234567,"share":0.25,"at":null,"open":true`:              false,
		`{"id":"a 1","n":"1234567","share":0.25,"at":null,"open":true}`:           false,
	} {
		if Alike(base, got) != want || Alike(got, base) != want {
			t.Errorf("%s: alike is %t, want %t", got, !want, want)
		}
	}
	if Alike("nonsense", "nonsense") {
		t.Error("what is no JSON is alike")
	}
}
