package acceptance

import (
	"testing"
)

func (h *history) served(t *testing.T) {}
