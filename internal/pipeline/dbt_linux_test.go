package pipeline

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestDBTEndsWithAProgramThatIsKilled(t *testing.T) {
	dir := t.TempDir()
	program(t, filepath.Join(dir, "dbt"), "trap '' INT HUP PIPE; echo ready; exec sleep 60")
	alive, held, err := os.Pipe() // which whoever lives has open
	if err != nil {
		t.Fatal(err)
	}
	defer alive.Close()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), dbtVictimEnv+"="+dir)
	victim.ExtraFiles = []*os.File{held}
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	held.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // it was killed
	if err := alive.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := alive.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("dbt goes on without its program: %v", err)
	}
}
