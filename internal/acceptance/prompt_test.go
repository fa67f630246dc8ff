package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"fourfold/internal/shell/terminaltest"
)

// prompted sits down at the prompt.
func (h *history) prompted(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), program, "sql")
	cmd.Dir, cmd.Env = h.dir, h.env
	x := terminaltest.Start(t, cmd)
	prompt := func() { x.Types("", "fourfold> ") }
	prompt()
	x.Types("select count(*) as n from dim_sev\t;\r", "n\r\n─\r\n3\r\n(1 row)\r\n")
	prompt()
	x.Types(".schema publication\r", "config_hash")
	prompt()
	x.Types("select 'still ' || 'here' as a;\r", "still here\r\n")
	prompt()
	x.Types(".quit\r", "")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if is, err := os.Stat(filepath.Join(h.data(), "sql_history")); err != nil || is.Mode().Perm() != 0o600 {
		t.Errorf("its history: %v, %v", is, err)
	}
}
