/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Merging in-flows by position.
 *
 * Lost records are counted by their numbers: while some in-flow has a gap, the numbers that are missing between two
 * records that are passed are records of which every entry was lost. Without a gap they are records of in-flows that
 * are not ours.
 */
#include <lib/buf/merge.h>

#include <string.h>

void ffpf_merge_stage(struct ffpf_reader *reader, struct inflow *inflow)
{
	uint64_t lost = ffpf_inflow_stage(inflow);

	if (reader->n_inflows == 1)
		reader->lost += lost;
	else
		reader->gap += lost;
}

static void refill(struct ffpf_reader *reader, unsigned i)
{
	struct inflow *inflow = &reader->inflows[i];

	if (inflow->first == inflow->count)
		ffpf_merge_stage(reader, inflow);
	reader->heads[i] = inflow->first < inflow->count ? inflow->staged[inflow->first].position : UINT64_MAX;
}

static void sift_down(struct ffpf_reader *reader, unsigned at)
{
	unsigned *heap = reader->heap, n = reader->n_inflows, moved = heap[at];

	for (unsigned child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && reader->heads[heap[child + 1]] < reader->heads[heap[child]])
			child++;
		if (reader->heads[moved] <= reader->heads[heap[child]])
			break;
		heap[at] = heap[child];
	}
	heap[at] = moved;
}

void ffpf_merge_begin(struct ffpf_reader *reader)
{
	for (unsigned i = 0; i < reader->n_inflows; i++)
		refill(reader, i);
	if (reader->n_inflows <= SCAN)
		return;
	for (unsigned i = reader->n_inflows / 2; i-- > 0;)
		sift_down(reader, i);
}

uint64_t ffpf_merge_next(const struct ffpf_reader *reader)
{
	if (reader->n_inflows > SCAN)
		return reader->heads[reader->heap[0]];
	uint64_t least = UINT64_MAX;
	for (unsigned i = 0; i < reader->n_inflows; i++)
		if (reader->heads[i] < least)
			least = reader->heads[i];
	return least;
}

/* A record is passed: counts those missing before it. */
static void pass(struct ffpf_reader *reader, uint32_t number)
{
	if (reader->gap) {
		uint32_t missing = number - reader->next_number;

		reader->lost += missing < reader->gap ? missing : reader->gap;
	}
	reader->next_number = number + 1;
}

static void take(struct ffpf_reader *reader, unsigned i, uint32_t *row)
{
	struct inflow *inflow = &reader->inflows[i];

	reader->gap -= inflow->gap;
	inflow->gap = 0;
	if (row)
		row[i] = inflow->staged[inflow->first].class;
	else
		inflow->lost++;
	inflow->first++;
	refill(reader, i);
}

void ffpf_merge_take(struct ffpf_reader *reader, uint64_t position, uint32_t *row)
{
	bool heaped = reader->n_inflows > SCAN;
	bool ours = position >= reader->start;
	bool first = true;

	if (row)
		memset(row, 0, reader->n_inflows * sizeof(*row));
	for (unsigned at = 0; at < (heaped ? 1 : reader->n_inflows); at++) {
		unsigned i = heaped ? reader->heap[0] : at;

		while (reader->heads[i] == position) {
			struct inflow *inflow = &reader->inflows[i];

			if (first)
				pass(reader, inflow->staged[inflow->first].number);
			first = false;
			take(reader, i, row);
			inflow->lost -= !ours;
			if (heaped) {
				sift_down(reader, 0);
				i = reader->heap[0];
			}
		}
	}
	reader->lost += !row && ours;
}
