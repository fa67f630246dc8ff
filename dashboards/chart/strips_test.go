package chart

import (
	"math"
	"testing"
)

func TestDotsDoNotOverlapWhileThereIsRoom(t *testing.T) {
	xs := []float64{0, 1, 2, 3, 20, 21, 40}
	ys := swarm(xs, 4, 100)
	for i := range xs {
		for j := range i {
			if d := math.Hypot(xs[i]-xs[j], ys[i]-ys[j]); d < 8 {
				t.Errorf("dots %d and %d are %.1f apart", i, j, d)
			}
		}
	}
	for _, y := range swarm(make([]float64, 500), 4, 24) {
		if math.Abs(y) > 24 {
			t.Fatalf("a dot is %v from the middle of a row of 24", y)
		}
	}
}
