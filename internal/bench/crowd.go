package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// People who look at the dashboard at a time: each asks, reads the answer, thinks, and asks again.
const (
	people   = 20
	thinking = time.Second
	looking  = time.Minute
)

// crowd measures how long people wait for the data of panels under filters: where all was asked before, where a fifth of it was
// not, and where nothing was.
func crowd(dir string, s *site) error {
	fmt.Printf("%-32s %8s %9s %9s %9s %9s\n", fmt.Sprintf("%d people", people), "answers", "p50", "p95", "p99", "worst")
	for _, part := range []struct {
		name  string
		again float64
	}{{"all asked before", 1}, {"a fifth not asked before", 0.8}, {"nothing asked before", 0}} {
		program, err := serve(dir)
		if err != nil {
			return err
		}
		c := &asking{site: s, address: program.address, known: map[string]bool{}, random: rand.New(rand.NewPCG(9, uint64(part.again*10)))}
		spent, err := c.part(program, part.again)
		peak, stopped := program.stop()
		if err = errors.Join(err, stopped); err != nil {
			return err
		}
		c.print(part.name+", first", c.first)
		c.print(part.name+", cached", c.cached)
		fmt.Printf("%-32s %d MiB at most, %.0f ms of CPU an answer\n", "", peak>>20, float64(spent.Milliseconds())/float64(len(c.first)+len(c.cached)))
		if c.slowest != "" {
			fmt.Printf("%-32s %v: %s\n", "the slowest", c.slow.Round(time.Millisecond), c.slowest)
		}
	}
	return nil
}

// part lets people look at a program whose pages are made, where again of what they ask has been asked; it gives the CPU that the
// program took for it.
func (c *asking) part(program *served, again float64) (time.Duration, error) {
	for _, page := range c.site.pages {
		if err := c.ask(page); err != nil {
			return 0, err
		}
	}
	c.answered = nil // pages are not what people ask for here
	if again > 0 {
		for range 100 {
			if err := c.ask(c.another()); err != nil {
				return 0, err
			}
		}
	}
	c.first, c.cached, c.slow, c.slowest = nil, nil, 0, ""
	before, err := program.cpu()
	if err == nil {
		err = c.look(again)
	}
	if err != nil {
		return 0, err
	}
	after, err := program.cpu()
	return after - before, err
}

// asking is who asks for what, and how long it took.
type asking struct {
	site    *site
	address string

	mu            sync.Mutex
	random        *rand.Rand
	known         map[string]bool // addresses that were asked for; true once one was answered
	answered      []string
	first, cached []time.Duration
	slow          time.Duration
	slowest       string
}

// look lets people look for a while.
func (c *asking) look(again float64) error {
	until := time.Now().Add(looking)
	failed := make(chan error, people)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			time.Sleep(time.Duration(i) * thinking / people)
			for time.Now().Before(until) {
				if err := c.ask(c.next(again)); err != nil {
					failed <- err
					return
				}
				time.Sleep(thinking)
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

// next is an address: one of those that are known as often as is said, else another.
func (c *asking) next(again float64) string {
	c.mu.Lock()
	known := len(c.answered) > 0 && c.random.Float64() < again
	address := ""
	if known {
		address = c.answered[c.random.IntN(len(c.answered))]
	}
	c.mu.Unlock()
	if known {
		return address
	}
	return c.another()
}

// another is an address that nobody has asked for: a panel under one to three of the filters that the pages offer.
func (c *asking) another() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for name, values := range c.site.choices {
		if len(values) > 1 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for {
		path := c.site.panels[c.random.IntN(len(c.site.panels))]
		q := url.Values{}
		for range 1 + c.random.IntN(3) {
			name := names[c.random.IntN(len(names))]
			q.Set(name, c.site.choices[name][c.random.IntN(len(c.site.choices[name]))])
		}
		address := path + "?" + q.Encode()
		if _, taken := c.known[address]; !taken {
			c.known[address] = false
			return address
		}
	}
}

// ask waits for an answer and all of its bytes. It counts as cached if the same had been answered when it was asked.
func (c *asking) ask(address string) error {
	c.mu.Lock()
	cached := c.known[address]
	c.mu.Unlock()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, c.address+address, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept-Encoding", "gzip")
	begun := time.Now()
	resp, err := crowdClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	took := time.Since(begun)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", address, resp.Status, strings.TrimSpace(string(body)))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if cached {
		c.cached = append(c.cached, took)
		return nil
	}
	c.first = append(c.first, took)
	if !c.known[address] {
		c.known[address] = true
		c.answered = append(c.answered, address)
	}
	if took > c.slow {
		c.slow, c.slowest = took, address
	}
	return nil
}

var crowdClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: people, DisableCompression: true}}

func (c *asking) print(name string, took []time.Duration) {
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%-32s %8d %6.1f ms %6.1f ms %6.1f ms %6.1f ms\n", name, len(took),
		ms(quantile(took, 0.5)), ms(quantile(took, 0.95)), ms(quantile(took, 0.99)), ms(took[len(took)-1]))
}
