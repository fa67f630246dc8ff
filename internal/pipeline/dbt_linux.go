package pipeline

import (
	"os/exec"
	"syscall"
)

// endWithProgram has a command killed when the thread that begins it ends.
func endWithProgram(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
