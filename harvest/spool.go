package harvest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// spoolMemory is how much of a spool is held in memory before it goes to a file.
const spoolMemory = 4 << 20

// spool holds bytes that are read again later, in memory while they are few, else in a file without a name.
type spool struct {
	memory []byte
	file   *os.File
	out    *bufio.Writer
	size   int64
}

// Write appends.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && len(s.memory)+len(p) > spoolMemory {
		f, err := os.CreateTemp("", "umland-")
		if err != nil {
			return 0, err
		}
		_ = os.Remove(f.Name()) // it is ours alone, and gone with us
		s.file, s.out = f, bufio.NewWriterSize(f, 1<<18)
		if _, err := s.out.Write(s.memory); err != nil {
			return 0, err
		}
		s.memory = nil
	}
	s.size += int64(len(p))
	if s.file == nil {
		s.memory = append(s.memory, p...)
		return len(p), nil
	}
	return s.out.Write(p)
}

// ReadAt reads what was written, once flush was called.
func (s *spool) ReadAt(p []byte, at int64) (int, error) {
	if s.file == nil {
		return bytes.NewReader(s.memory).ReadAt(p, at)
	}
	return s.file.ReadAt(p, at)
}

func (s *spool) flush() error {
	if s.out == nil {
		return nil
	}
	return s.out.Flush()
}

// reader reads all of it.
func (s *spool) reader() io.Reader {
	if s.file == nil {
		return bytes.NewReader(s.memory)
	}
	return io.NewSectionReader(s.file, 0, s.size)
}

func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}

// append writes texts one after the other, and gives where.
func (s *spool) append(texts ...string) (at int64, size int, err error) {
	at = s.size
	b := make([]byte, 0, 1024)
	for _, t := range texts {
		b = binary.AppendUvarint(b, uint64(len(t)))
		b = append(b, t...)
	}
	_, err = s.Write(b)
	return at, len(b), err
}

// texts reads what append wrote.
func (s *spool) texts(at int64, size int) ([]string, error) {
	b := make([]byte, size)
	if _, err := s.ReadAt(b, at); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var out []string
	for len(b) > 0 {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return nil, io.ErrUnexpectedEOF
		}
		out = append(out, string(b[k:k+int(n)]))
		b = b[k+int(n):]
	}
	return out, nil
}
