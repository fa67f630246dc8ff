package config

import "testing"

func TestDurationsNameTheirMetricsInAnyScript(t *testing.T) {
	for name, want := range map[string]string{
		"Detection": "detection", "Time to detect": "time_to_detect", " (Détection)  → n°2 ": "détection_n_2", "検知 から 対応": "検知_から_対応",
		"ロールバック": "ロールバック", "か\u3099": "か\u3099", "__x--Y__": "x_y", "…": "", "": "",
	} {
		if got := DurationSlug(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
