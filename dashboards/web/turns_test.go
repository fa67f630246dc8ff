package web

import (
	"context"
	"testing"
)

func TestWhatIsMadeAheadMakesWayForVisitorsAndIsMadeAfterThem(t *testing.T) {
	var turns turns
	began, ended := make(chan context.Context), make(chan struct{})
	go func() {
		turns.ahead(t.Context(), func(ctx context.Context) {
			began <- ctx
			<-ctx.Done() // as a query does
		})
		close(ended)
	}()
	for range 3 {
		first := <-began
		leave := turns.visit(t.Context())
		if first.Err() == nil {
			t.Fatal("a visitor waits beside what is made ahead")
		}
		leaveToo := turns.visit(t.Context())
		leave()
		select {
		case <-began:
			t.Fatal("something is made ahead while a visitor is there")
		default:
		}
		leaveToo()
	}
	last := <-began
	go turns.visit(t.Context()) // for whom it goes once more, and who stays
	<-last.Done()
	select {
	case <-began:
		t.Error("something is made ahead while a visitor is there")
	case <-ended:
		t.Error("what was dropped is not made again")
	default:
	}
}

func TestWhatIsMadeAheadEndsWithTheProgram(t *testing.T) {
	var turns turns
	ctx, stop := context.WithCancel(t.Context())
	leave := turns.visit(ctx)
	defer leave()
	stop()
	turns.ahead(ctx, func(context.Context) { t.Error("it is made although the program ends") })
}
