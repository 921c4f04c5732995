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

struct Tokens
{
    int tokens[1];
};

struct Records
{
    uint records[1];
};

struct Last
{
    int last[1];
};

struct Out
{
    int out_[1];
};

struct Ring
{
    int ring[1];
};

constant uint _398_tmp [[function_constant(0)]];
constant uint _398 = is_function_constant_defined(_398_tmp) ? _398_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_398, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, device Batch& __restrict _39)
{
    return min(p.batch_records, uint(max(_39.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, device Batch& __restrict _39)
{
    return uint(_39.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
void count(thread const uint& slot, thread const int& id, thread const int& by, constant Params& p, device Counts& __restrict _82)
{
    if (uint(id) < p.counts_cols)
    {
        uint _94 = (p.counts_off + (slot * p.counts_stride)) + uint(id);
        _82.counts[_94] += by;
    }
}

static inline __attribute__((always_inline))
void advance(thread const uint& seq, thread const uint& slot, constant Params& p, device Batch& __restrict _39, device Counts& __restrict _82, const device Tokens& _104, device Records& __restrict _129, device Last& __restrict _139, device Out& __restrict _154, device Ring& __restrict _218)
{
    int id = _104.tokens[p.tokens_off + (seq * p.tokens_stride)];
    uint record = p.records_off + (slot * p.records_stride);
    uint _step = _129.records[record + 8u];
    _139.last[p.last_off + (slot * p.last_stride)] = id;
    _154.out_[(p.out_off + (slot * p.out_stride)) + (_step % p.out_cols)] = id;
    if (p.counts_off != 4294967295u)
    {
        uint _183;
        if (p.ring_off == 4294967295u)
        {
            _183 = 0u;
        }
        else
        {
            _183 = min(_129.records[record + 5u], p.ring_cols);
        }
        uint window = _183;
        if (window > 0u)
        {
            uint at = (p.ring_off + (slot * p.ring_stride)) + (_step % window);
            uint param = slot;
            int param_1 = _218.ring[at];
            int param_2 = -1;
            count(param, param_1, param_2, p, _82);
            _218.ring[at] = id;
        }
        uint param_3 = slot;
        int param_4 = id;
        int param_5 = 1;
        count(param_3, param_4, param_5, p, _82);
    }
    _step++;
    _129.records[record + 8u] = _step;
    uint at_1 = p.batch_off + ((1u + seq) * p.batch_stride);
    int len = _39.batch[at_1 + 6u];
    int first = _39.batch[at_1 + 5u];
    int to = _39.batch[at_1 + 1u];
    if (len > 0)
    {
        int next = to + 1;
        bool _277 = next < first;
        bool _286;
        if (!_277)
        {
            _286 = (next - first) >= len;
        }
        else
        {
            _286 = _277;
        }
        if (_286)
        {
            next = first;
        }
        _39.batch[at_1 + 0u] = to;
        _39.batch[at_1 + 1u] = next;
    }
    uint limit = _129.records[record + 9u];
    bool ends = (limit != 0u) && (_step >= limit);
    uint eos = min(_129.records[record + 10u], 16u);
    for (uint i = 0u; i < eos; i++)
    {
        bool _342;
        if (!ends)
        {
            _342 = _129.records[(record + 16u) + i] == uint(id);
        }
        else
        {
            _342 = ends;
        }
        ends = _342;
    }
    if (ends)
    {
        _39.batch[at_1 + 3u] = 0;
    }
}

kernel void advance_i32(constant Params& p [[buffer(0)]], const device Tokens& _104 [[buffer(1)]], device Records& __restrict _129 [[buffer(2)]], device Counts& __restrict _82 [[buffer(3)]], device Ring& __restrict _218 [[buffer(4)]], device Last& __restrict _139 [[buffer(5)]], device Out& __restrict _154 [[buffer(6)]], device Batch& __restrict _39 [[buffer(7)]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _39);
    for (uint q = gl_GlobalInvocationID.x; q < seqs; q += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
    {
        uint param = q;
        uint param_1 = 4u;
        uint slot = batch_word(param, param_1, p, _39);
        uint param_2 = q;
        uint param_3 = 3u;
        bool _379 = batch_word(param_2, param_3, p, _39) != 0u;
        bool _387;
        if (_379)
        {
            _387 = slot < p.slots;
        }
        else
        {
            _387 = _379;
        }
        if (_387)
        {
            uint param_4 = q;
            uint param_5 = slot;
            advance(param_4, param_5, p, _39, _82, _104, _129, _139, _154, _218);
        }
    }
}

