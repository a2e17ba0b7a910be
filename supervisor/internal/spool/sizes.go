package spool

// sizeQueue is a queue of the sizes of the unacknowledged records.
type sizeQueue struct {
	items []int32
	head  int
}

func (q *sizeQueue) push(n int) {
	if q.head > 4096 && q.head*2 > len(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	q.items = append(q.items, int32(n))
}

func (q *sizeQueue) pop() int {
	if q.head >= len(q.items) {
		return 0
	}
	n := q.items[q.head]
	q.head++
	return int(n)
}
