#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint tokens_off;
    uint tokens_stride;
    uint records_off;
    uint records_stride;
    uint slots;
    uint counts_off;
    uint counts_stride;
    uint counts_cols;
    uint ring_off;
    uint ring_stride;
    uint ring_cols;
    uint last_off;
    uint last_stride;
    uint out_off;
    uint out_stride;
    uint out_cols;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

struct Counts
{
    int counts[1];
};

struct Last
{
    int last[1];
};

struct Out
{
    int out_[1];
};

struct Records
{
    uint records[1];
};

struct Ring
{
    int ring[1];
};

struct Tokens
{
    int tokens[1];
};

constant uint _485_tmp [[function_constant(0)]];
constant uint _485 = is_function_constant_defined(_485_tmp) ? _485_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_485, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, device Batch& __restrict _65)
{
    return min(p.batch_records, uint(max(_65.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_draws(constant Params& p, device Batch& __restrict _65)
{
    return min(batch_seqs(p, _65), uint(max(_65.batch[p.batch_off + 2u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, device Batch& __restrict _65)
{
    return uint(_65.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
void hand_over(thread const uint& slot, thread const uint& _step, thread const int& id, constant Params& p, device Last& __restrict _140, device Out& __restrict _155)
{
    _140.last[p.last_off + (slot * p.last_stride)] = id;
    _155.out_[(p.out_off + (slot * p.out_stride)) + (_step % p.out_cols)] = id;
}

static inline __attribute__((always_inline))
void count(thread const uint& slot, thread const int& id, thread const int& by, constant Params& p, device Counts& __restrict _119)
{
    if (uint(id) < p.counts_cols)
    {
        uint _131 = (p.counts_off + (slot * p.counts_stride)) + uint(id);
        _119.counts[_131] += by;
    }
}

static inline __attribute__((always_inline))
void move_window(thread const uint& slot, thread const uint& record, thread const uint& _step, thread const int& id, constant Params& p, device Counts& __restrict _119, device Records& __restrict _187, device Ring& __restrict _219)
{
    uint _179;
    if (p.ring_off == 4294967295u)
    {
        _179 = 0u;
    }
    else
    {
        _179 = min(_187.records[record + 5u], p.ring_cols);
    }
    uint window = _179;
    if (window > 0u)
    {
        uint at = (p.ring_off + (slot * p.ring_stride)) + (_step % window);
        uint param = slot;
        int param_1 = _219.ring[at];
        int param_2 = -1;
        count(param, param_1, param_2, p, _119);
        _219.ring[at] = id;
    }
    uint param_3 = slot;
    int param_4 = id;
    int param_5 = 1;
    count(param_3, param_4, param_5, p, _119);
}

static inline __attribute__((always_inline))
void move_states(thread const uint& at, device Batch& __restrict _65)
{
    int len = _65.batch[at + 6u];
    int first = _65.batch[at + 5u];
    int to = _65.batch[at + 1u];
    if (len > 0)
    {
        int next = to + 1;
        bool _264 = next < first;
        bool _273;
        if (!_264)
        {
            _273 = (next - first) >= len;
        }
        else
        {
            _273 = _264;
        }
        if (_273)
        {
            next = first;
        }
        _65.batch[at + 0u] = to;
        _65.batch[at + 1u] = next;
    }
}

static inline __attribute__((always_inline))
bool ends(thread const uint& record, thread const uint& steps, thread const int& id, constant Params& p, device Records& __restrict _187)
{
    uint limit = _187.records[record + 9u];
    bool _294 = id < 0;
    bool _309;
    if (!_294)
    {
        bool _300 = p.counts_off != 4294967295u;
        bool _308;
        if (_300)
        {
            _308 = id >= int(p.counts_cols);
        }
        else
        {
            _308 = _300;
        }
        _309 = _308;
    }
    else
    {
        _309 = _294;
    }
    bool _319;
    if (!_309)
    {
        _319 = (limit != 0u) && (steps >= limit);
    }
    else
    {
        _319 = _309;
    }
    bool end = _319;
    uint eos = min(_187.records[record + 10u], 16u);
    for (uint i = 0u; i < eos; i++)
    {
        bool _350;
        if (!end)
        {
            _350 = _187.records[(record + 16u) + i] == uint(id);
        }
        else
        {
            _350 = end;
        }
        end = _350;
    }
    return end;
}

static inline __attribute__((always_inline))
void advance(thread const uint& seq, thread const uint& slot, constant Params& p, device Batch& __restrict _65, device Counts& __restrict _119, device Last& __restrict _140, device Out& __restrict _155, device Records& __restrict _187, device Ring& __restrict _219, const device Tokens& _360)
{
    int id = _360.tokens[p.tokens_off + (seq * p.tokens_stride)];
    uint record = p.records_off + (slot * p.records_stride);
    uint _step = _187.records[record + 8u];
    uint param = slot;
    uint param_1 = _step;
    int param_2 = id;
    hand_over(param, param_1, param_2, p, _140, _155);
    if (p.counts_off != 4294967295u)
    {
        uint param_3 = slot;
        uint param_4 = record;
        uint param_5 = _step;
        int param_6 = id;
        move_window(param_3, param_4, param_5, param_6, p, _119, _187, _219);
    }
    _step++;
    _187.records[record + 8u] = _step;
    uint at = p.batch_off + ((1u + seq) * p.batch_stride);
    uint param_7 = at;
    move_states(param_7, _65);
    uint param_8 = record;
    uint param_9 = _step;
    int param_10 = id;
    if (ends(param_8, param_9, param_10, p, _187))
    {
        _65.batch[at + 3u] = 0;
    }
}

kernel void advance_i32(constant Params& p [[buffer(0)]], const device Tokens& _360 [[buffer(1)]], device Records& __restrict _187 [[buffer(2)]], device Counts& __restrict _119 [[buffer(3)]], device Ring& __restrict _219 [[buffer(4)]], device Last& __restrict _140 [[buffer(5)]], device Out& __restrict _155 [[buffer(6)]], device Batch& __restrict _65 [[buffer(7)]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_draws(p, _65);
    for (uint q = gl_GlobalInvocationID.x; q < seqs; q += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
    {
        uint param = q;
        uint param_1 = 4u;
        uint slot = batch_word(param, param_1, p, _65);
        uint param_2 = q;
        uint param_3 = 3u;
        bool _466 = int(batch_word(param_2, param_3, p, _65)) > 0;
        bool _474;
        if (_466)
        {
            _474 = slot < p.slots;
        }
        else
        {
            _474 = _466;
        }
        if (_474)
        {
            uint param_4 = q;
            uint param_5 = slot;
            advance(param_4, param_5, p, _65, _119, _140, _155, _187, _219, _360);
        }
    }
}

