#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint cols;
    uint in_place;
    uint dst_off;
    uint dst_stride;
    uint logits_off;
    uint logits_stride;
    uint records_off;
    uint records_stride;
    uint slots;
    uint biases_off;
    uint biases_stride;
    uint pairs;
    uint allowed_off;
    uint allowed_stride;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

constant uint _111_tmp [[function_constant(0)]];
constant uint _111 = is_function_constant_defined(_111_tmp) ? _111_tmp : 256u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_111, 1u, 1u);

struct Biases
{
    uint biases[1];
};

struct Logits
{
    uint logits[1];
};

struct Allowed
{
    uint allowed[1];
};

struct Dst
{
    uint dst[1];
};

struct Records
{
    uint records[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _49)
{
    return min(p.batch_records, uint(max(_49.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_draws(constant Params& p, const device Batch& _49)
{
    return min(batch_seqs(p, _49), uint(max(_49.batch[p.batch_off + 2u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _49)
{
    return uint(_49.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
void fetch_biases(thread const uint& slot, thread const uint& count, thread const uint& first, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bias_of)[1024], const device Biases& _145)
{
    for (uint i = gl_LocalInvocationIndex; i < 1024u; i += gl_WorkGroupSize.x)
    {
        bias_of[i] = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i_1 = gl_LocalInvocationIndex; i_1 < count; i_1 += gl_WorkGroupSize.x)
    {
        uint at = (p.biases_off + (slot * p.biases_stride)) + (2u * i_1);
        uint place = _145.biases[at] - first;
        if ((_145.biases[at] < p.cols) && (place < 1024u))
        {
            bias_of[place] = _145.biases[at + 1u];
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
uint biased(thread const uint& bits, thread const uint& bias0)
{
    if ((bits & 2147483647u) > 2139095040u)
    {
        return bits;
    }
    if (bias0 == 4286578688u)
    {
        return 4286578688u;
    }
    bool _189 = (bits & 2139095040u) == 2139095040u;
    bool _196;
    if (!_189)
    {
        _196 = (bias0 & 2147483647u) == 0u;
    }
    else
    {
        _196 = _189;
    }
    if (_196)
    {
        return bits;
    }
    return as_type<uint>(as_type<float>(bits) + as_type<float>(bias0));
}

static inline __attribute__((always_inline))
void bias_range(thread const uint& seq, thread const uint& slot, thread const uint& first, thread const uint& count, thread const bool& masked, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bias_of)[1024], const device Biases& _145, const device Logits& _247, const device Allowed& _275, device Dst& _311)
{
    if (count > 0u)
    {
        uint param = slot;
        uint param_1 = count;
        uint param_2 = first;
        fetch_biases(param, param_1, param_2, p, gl_LocalInvocationIndex, bias_of, _145);
    }
    uint i = gl_LocalInvocationIndex;
    for (;;)
    {
        bool _229 = i < 1024u;
        bool _238;
        if (_229)
        {
            _238 = (first + i) < p.cols;
        }
        else
        {
            _238 = _229;
        }
        if (_238)
        {
            uint id = first + i;
            uint bits = _247.logits[(p.logits_off + (seq * p.logits_stride)) + id];
            uint bias0 = 0u;
            if (count > 0u)
            {
                bias0 = bias_of[i];
            }
            bool _296;
            if (masked)
            {
                _296 = ((_275.allowed[(p.allowed_off + (slot * p.allowed_stride)) + (id / 32u)] >> (id % 32u)) & 1u) == 0u;
            }
            else
            {
                _296 = masked;
            }
            if (_296)
            {
                bias0 = 4286578688u;
            }
            if ((p.in_place == 0u) || (bias0 != 0u))
            {
                uint param_3 = bits;
                uint param_4 = bias0;
                _311.dst[(p.dst_off + (seq * p.dst_stride)) + id] = biased(param_3, param_4);
            }
            i += gl_WorkGroupSize.x;
            continue;
        }
        else
        {
            break;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

kernel void bias_f32(constant Params& p [[buffer(0)]], device Dst& _311 [[buffer(1)]], const device Logits& _247 [[buffer(2)]], const device Records& _386 [[buffer(3)]], const device Biases& _145 [[buffer(4)]], const device Allowed& _275 [[buffer(5)]], const device Batch& _49 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint bias_of[1024];
    uint seqs = batch_draws(p, _49);
    for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y)
    {
        uint param = q;
        uint param_1 = 4u;
        uint slot = batch_word(param, param_1, p, _49);
        uint param_2 = q;
        uint param_3 = 3u;
        bool _359 = int(batch_word(param_2, param_3, p, _49)) <= 0;
        bool _368;
        if (!_359)
        {
            _368 = slot >= p.slots;
        }
        else
        {
            _368 = _359;
        }
        if (_368)
        {
            continue;
        }
        uint record = p.records_off + (slot * p.records_stride);
        uint count = min(uint(max(int(_386.records[record + 35u]), 0)), p.pairs);
        bool _403 = p.allowed_off != 4294967295u;
        bool _412;
        if (_403)
        {
            _412 = _386.records[record + 36u] != 0u;
        }
        else
        {
            _412 = _403;
        }
        bool masked = _412;
        if (((p.in_place != 0u) && (count == 0u)) && (!masked))
        {
            continue;
        }
        uint _428 = gl_WorkGroupID.x * 1024u;
        for (uint first = _428; first < p.cols; first += (gl_NumWorkGroups.x * 1024u))
        {
            uint param_4 = q;
            uint param_5 = slot;
            uint param_6 = first;
            uint param_7 = count;
            bool param_8 = masked;
            bias_range(param_4, param_5, param_6, param_7, param_8, p, gl_LocalInvocationIndex, bias_of, _145, _247, _275, _311);
        }
    }
}

