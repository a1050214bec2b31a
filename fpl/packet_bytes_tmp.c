#include <fpl/packet.h>
ffpf_val fpl_bytes_emit(struct fpl_packet *pk, bool payload, unsigned inner, ffpf_val offset, uint32_t constant,
			unsigned size, ffpf_block absent)
{
	return 0;
}
