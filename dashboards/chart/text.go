package chart

// roughWidth is about how wide a bold label is.
func roughWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += 7
		if r >= 0x1100 {
			w += 5
		}
	}
	return w
}

// Clip shortens a name that would run into the chart; the table has it in full. Wide letters count twice.
func Clip(s string, columns int) string {
	used := 0
	for i, r := range s {
		used++
		if r >= 0x1100 {
			used++
		}
		if used > columns {
			return s[:i] + "…"
		}
	}
	return s
}
