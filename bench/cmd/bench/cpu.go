package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc (USER_HZ, which Linux fixes at 100 for all programs).
const tick = 10 * time.Millisecond

// stat is what /proc tells of a process.
type stat struct {
	parent   int
	self     time.Duration // user and system
	children time.Duration // of those that have ended and were waited for
}

func readStat(pid int) (s stat, err error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return s, err
	}
	// The name of the program stands in brackets and may hold anything.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 15 {
		return s, fmt.Errorf("/proc/%d/stat is too short", pid)
	}
	var n [5]int
	for i, at := range []int{1, 11, 12, 13, 14} {
		if n[i], err = strconv.Atoi(fields[at]); err != nil {
			return s, err
		}
	}
	return stat{n[0], time.Duration(n[1]+n[2]) * tick, time.Duration(n[3]+n[4]) * tick}, nil
}

// processorTime is that of a process and all below it, the ended ones included.
func processorTime(pid int) (sum time.Duration, err error) {
	root, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	below := map[int][]int{}
	stats := map[int]stat{pid: root}
	for _, e := range entries {
		p, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		s, err := readStat(p)
		if err != nil {
			continue // it has ended since
		}
		stats[p] = s
		below[s.parent] = append(below[s.parent], p)
	}
	for queue := []int{pid}; len(queue) > 0; queue = queue[1:] {
		s := stats[queue[0]]
		sum += s.self + s.children
		queue = append(queue, below[queue[0]]...)
	}
	return sum, nil
}

// postmaster reads the id of the process that a cluster's others are below.
func postmaster(file string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(line)
}

// residentMemory is that of one process, in megabytes.
func residentMemory(pid int) float64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return float64(pages*os.Getpagesize()) / (1 << 20)
}
