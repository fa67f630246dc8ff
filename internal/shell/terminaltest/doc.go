// Package terminaltest runs programs in tests as people do: on a terminal. It knows that of Linux.
package terminaltest
