package duckdb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// holdEnv makes the test binary a process that holds the lock of a folder until its standard input ends.
const holdEnv = "FOURFOLD_TEST_HOLD_LOCK"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdEnv); dir != "" {
		lock, err := Acquire(context.Background(), dir, "build", false)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		bufio.NewReader(os.Stdin).ReadByte()
		if err := lock.Release(); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if dir := os.Getenv(fillEnv); dir != "" {
		os.Exit(fill(dir))
	}
	os.Exit(m.Run())
}

func TestASecondRunIsToldWhoHoldsTheDirectory(t *testing.T) {
	dir := t.TempDir()
	lock, err := Acquire(t.Context(), dir, "sync", false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Acquire(t.Context(), dir, "build", false)
	for _, want := range []string{dir, fmt.Sprintf("process %d", os.Getpid()), "fourfold sync", "wait for it to end"} {
		if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want ErrLocked that says %q", err, want)
		}
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if lock, err = Acquire(t.Context(), dir, "build", false); err != nil {
		t.Fatalf("after Release: %v", err)
	}
	lock.Release()
}

func TestTheLockHoldsAgainstProcessesAndEndsWithThem(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdEnv+"="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	if _, err = Acquire(t.Context(), dir, "sync", false); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d (fourfold build", cmd.Process.Pid)) {
		t.Errorf("%v: want ErrLocked that names process %d", err, cmd.Process.Pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	// What the dead process wrote about itself keeps nobody out, and is not taken for the new holder's.
	lock, err := Acquire(t.Context(), dir, "sync", false)
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	defer lock.Release()
	if _, err := Acquire(t.Context(), dir, "build", false); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d (fourfold sync", os.Getpid())) {
		t.Errorf("%v: want this process named", err)
	}
}

func TestWaitingForTheLockEndsWithItOrWithTheContext(t *testing.T) {
	dir := t.TempDir()
	lock, err := Acquire(t.Context(), dir, "sync", false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := Acquire(ctx, dir, "sql --raw", true); !errors.Is(err, ErrLocked) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "fourfold sync") {
		t.Errorf("%v: want ErrLocked by fourfold sync, and the deadline", err)
	}
	got := make(chan error, 1)
	go func() {
		second, err := Acquire(t.Context(), dir, "sql --raw", true)
		if err == nil {
			err = second.Release()
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatalf("the waiting one did not wait: %v", err)
	default:
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Errorf("the waiting one: %v", err)
	}
}

func TestADirectoryThatCannotBeMadeSaysWhichKeyToChange(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(t.Context(), file+"/data", "sync", false); err == nil || !strings.Contains(err.Error(), "`data`") {
		t.Errorf("%v", err)
	}
}
