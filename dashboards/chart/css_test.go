package chart

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// linear is a colour like #1f5f8b in linear light.
func linearLight(t *testing.T, hex string) [3]float64 {
	t.Helper()
	if len(hex) == 4 {
		hex = "#" + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:3], 2) + strings.Repeat(hex[3:4], 2)
	}
	var out [3]float64
	for i := range out {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatalf("%q is no colour", hex)
		}
		c := float64(v) / 255
		if c <= .04045 {
			out[i] = c / 12.92
		} else {
			out[i] = math.Pow((c+.055)/1.055, 2.4)
		}
	}
	return out
}

// contrast is that of WCAG 2.
func contrast(a, b [3]float64) float64 {
	light := func(c [3]float64) float64 { return .2126*c[0] + .7152*c[1] + .0722*c[2] + .05 }
	x, y := light(a), light(b)
	return math.Max(x, y) / math.Min(x, y)
}

// eyes turn linear light into what those see who lack a kind of cone (Machado, Oliveira and Fernandes 2009, severity 1).
var eyes = map[string][3][3]float64{
	"all cones":   {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanope":   {{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}},
	"deuteranope": {{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.011820, .042940, .968881}},
	"tritanope":   {{1.255528, -.076749, -.178779}, {-.078411, .930809, .147602}, {.004733, .691367, .303900}},
}

// oklab is where a colour lies in a space whose distances are those that people see.
func oklab(c [3]float64, eye [3][3]float64) [3]float64 {
	var s [3]float64
	for i, row := range eye {
		s[i] = math.Min(math.Max(row[0]*c[0]+row[1]*c[1]+row[2]*c[2], 0), 1)
	}
	l := math.Cbrt(.4122214708*s[0] + .5363325363*s[1] + .0514459929*s[2])
	m := math.Cbrt(.2119034982*s[0] + .6806995451*s[1] + .1073969566*s[2])
	n := math.Cbrt(.0883024619*s[0] + .2817188376*s[1] + .6299787005*s[2])
	return [3]float64{
		.2104542553*l + .7936177850*m - .0040720468*n, 1.9779984951*l - 2.4285922050*m + .4505937099*n, .0259040371*l + .7827717662*m - .8086757660*n,
	}
}

func apart(a, b [3]float64) float64 {
	return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
}

func TestSeriesCanBeSeenAndToldApartByEveryEyeInBothThemes(t *testing.T) {
	for _, th := range []theme{light, dark} {
		c := th.colours()
		card := linearLight(t, c["--card"])
		for i := range colours + 1 {
			a := linearLight(t, c["--ser"+strconv.Itoa(i)])
			if got := contrast(a, card); got < 3 {
				t.Errorf("theme %d: series %d has a contrast of %.2f", th, i, got)
			}
			for j := 1; j < i; j++ {
				b := linearLight(t, c["--ser"+strconv.Itoa(j)])
				for name, eye := range eyes {
					if got := apart(oklab(a, eye), oklab(b, eye)); got < .075 {
						t.Errorf("theme %d: to a %s series %d and %d are %.3f apart", th, name, i, j, got)
					}
				}
			}
		}
	}
}

func TestWordsCanBeRead(t *testing.T) {
	for _, th := range []theme{light, dark} {
		c := th.colours()
		for _, v := range []struct {
			word, ground string
			least        float64
		}{
			{"--text", "--card", 7},
			{"--soft", "--card", 4.5},
			{"--few", "--card", 4.5},
			{"--accent", "--card", 4.5},
			{"--goal", "--card", 4.5},
			{"--text", "--heat1", 4.5},
			{"--text", "--heat2", 4.5},
			{"--onheat3", "--heat3", 4.5},
			{"--onheat5", "--heat4", 4.5},
			{"--onheat5", "--heat5", 4.5},
		} {
			if got := contrast(linearLight(t, c[v.word]), linearLight(t, c[v.ground])); got < v.least {
				t.Errorf("theme %d: %s on %s has a contrast of %.2f", th, v.word, v.ground, got)
			}
		}
		before := oklab(linearLight(t, c["--heat0"]), eyes["all cones"])[0]
		for i := range heatClasses {
			now := oklab(linearLight(t, c["--heat"+strconv.Itoa(i+1)]), eyes["all cones"])[0]
			if step := now - before; th == light && step > -.04 || th == dark && step < .04 {
				t.Errorf("theme %d: from heat%d to heat%d lightness changes by %.3f", th, i, i+1, step)
			}
			before = now
		}
	}
}

func TestEveryColourIsDeclaredForBothThemesAndUsed(t *testing.T) {
	css := string(CSS)
	a, b := light.colours(), dark.colours()
	if len(a) < 30 {
		t.Fatalf("%d colours", len(a))
	}
	for name, v := range a {
		if !strings.HasPrefix(v, "#") || !strings.HasPrefix(b[name], "#") {
			t.Errorf("%s is %s and %s", name, v, b[name])
		}
	}
	for _, m := range variable.FindAllStringSubmatch(css, -1) {
		if a[m[1]] == "" {
			t.Errorf("%s is used and not declared", m[1])
		}
	}
}
