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

constant uint _470_tmp [[function_constant(0)]];
constant uint _470 = is_function_constant_defined(_470_tmp) ? _470_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_470, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, device Batch& __restrict _63)
{
    return min(p.batch_records, uint(max(_63.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, device Batch& __restrict _63)
{
    return uint(_63.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
void hand_over(thread const uint& slot, thread const uint& _step, thread const int& id, constant Params& p, device Last& __restrict _126, device Out& __restrict _141)
{
    _126.last[p.last_off + (slot * p.last_stride)] = id;
    _141.out_[(p.out_off + (slot * p.out_stride)) + (_step % p.out_cols)] = id;
}

static inline __attribute__((always_inline))
void count(thread const uint& slot, thread const int& id, thread const int& by, constant Params& p, device Counts& __restrict _105)
{
    if (uint(id) < p.counts_cols)
    {
        uint _117 = (p.counts_off + (slot * p.counts_stride)) + uint(id);
        _105.counts[_117] += by;
    }
}

static inline __attribute__((always_inline))
void move_window(thread const uint& slot, thread const uint& record, thread const uint& _step, thread const int& id, constant Params& p, device Counts& __restrict _105, device Records& __restrict _173, device Ring& __restrict _205)
{
    uint _165;
    if (p.ring_off == 4294967295u)
    {
        _165 = 0u;
    }
    else
    {
        _165 = min(_173.records[record + 5u], p.ring_cols);
    }
    uint window = _165;
    if (window > 0u)
    {
        uint at = (p.ring_off + (slot * p.ring_stride)) + (_step % window);
        uint param = slot;
        int param_1 = _205.ring[at];
        int param_2 = -1;
        count(param, param_1, param_2, p, _105);
        _205.ring[at] = id;
    }
    uint param_3 = slot;
    int param_4 = id;
    int param_5 = 1;
    count(param_3, param_4, param_5, p, _105);
}

static inline __attribute__((always_inline))
void move_states(thread const uint& at, device Batch& __restrict _63)
{
    int len = _63.batch[at + 6u];
    int first = _63.batch[at + 5u];
    int to = _63.batch[at + 1u];
    if (len > 0)
    {
        int next = to + 1;
        bool _250 = next < first;
        bool _259;
        if (!_250)
        {
            _259 = (next - first) >= len;
        }
        else
        {
            _259 = _250;
        }
        if (_259)
        {
            next = first;
        }
        _63.batch[at + 0u] = to;
        _63.batch[at + 1u] = next;
    }
}

static inline __attribute__((always_inline))
bool ends(thread const uint& record, thread const uint& steps, thread const int& id, constant Params& p, device Records& __restrict _173)
{
    uint limit = _173.records[record + 9u];
    bool _280 = id < 0;
    bool _295;
    if (!_280)
    {
        bool _286 = p.counts_off != 4294967295u;
        bool _294;
        if (_286)
        {
            _294 = id >= int(p.counts_cols);
        }
        else
        {
            _294 = _286;
        }
        _295 = _294;
    }
    else
    {
        _295 = _280;
    }
    bool _305;
    if (!_295)
    {
        _305 = (limit != 0u) && (steps >= limit);
    }
    else
    {
        _305 = _295;
    }
    bool end = _305;
    uint eos = min(_173.records[record + 10u], 16u);
    for (uint i = 0u; i < eos; i++)
    {
        bool _336;
        if (!end)
        {
            _336 = _173.records[(record + 16u) + i] == uint(id);
        }
        else
        {
            _336 = end;
        }
        end = _336;
    }
    return end;
}

static inline __attribute__((always_inline))
void advance(thread const uint& seq, thread const uint& slot, constant Params& p, device Batch& __restrict _63, device Counts& __restrict _105, device Last& __restrict _126, device Out& __restrict _141, device Records& __restrict _173, device Ring& __restrict _205, const device Tokens& _346)
{
    int id = _346.tokens[p.tokens_off + (seq * p.tokens_stride)];
    uint record = p.records_off + (slot * p.records_stride);
    uint _step = _173.records[record + 8u];
    uint param = slot;
    uint param_1 = _step;
    int param_2 = id;
    hand_over(param, param_1, param_2, p, _126, _141);
    if (p.counts_off != 4294967295u)
    {
        uint param_3 = slot;
        uint param_4 = record;
        uint param_5 = _step;
        int param_6 = id;
        move_window(param_3, param_4, param_5, param_6, p, _105, _173, _205);
    }
    _step++;
    _173.records[record + 8u] = _step;
    uint at = p.batch_off + ((1u + seq) * p.batch_stride);
    uint param_7 = at;
    move_states(param_7, _63);
    uint param_8 = record;
    uint param_9 = _step;
    int param_10 = id;
    if (ends(param_8, param_9, param_10, p, _173))
    {
        _63.batch[at + 3u] = 0;
    }
}

kernel void advance_i32(constant Params& p [[buffer(0)]], const device Tokens& _346 [[buffer(1)]], device Records& __restrict _173 [[buffer(2)]], device Counts& __restrict _105 [[buffer(3)]], device Ring& __restrict _205 [[buffer(4)]], device Last& __restrict _126 [[buffer(5)]], device Out& __restrict _141 [[buffer(6)]], device Batch& __restrict _63 [[buffer(7)]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _63);
    for (uint q = gl_GlobalInvocationID.x; q < seqs; q += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
    {
        uint param = q;
        uint param_1 = 4u;
        uint slot = batch_word(param, param_1, p, _63);
        uint param_2 = q;
        uint param_3 = 3u;
        bool _451 = batch_word(param_2, param_3, p, _63) != 0u;
        bool _459;
        if (_451)
        {
            _459 = slot < p.slots;
        }
        else
        {
            _459 = _451;
        }
        if (_459)
        {
            uint param_4 = q;
            uint param_5 = slot;
            advance(param_4, param_5, p, _63, _105, _126, _141, _173, _205, _346);
        }
    }
}

