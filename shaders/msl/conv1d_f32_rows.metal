#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

struct Sequence
{
    uint from;
    uint to;
    uint first;
    uint rows;
};

struct Params
{
    uint rows;
    uint cols;
    uint steps;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint weight_off;
    uint weight_stride;
    uint bias_off;
    uint state_off;
    uint state_stride;
    uint slots;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

#ifndef SPIRV_CROSS_CONSTANT_ID_3
#define SPIRV_CROSS_CONSTANT_ID_3 40u
#endif
constant uint SPAN = SPIRV_CROSS_CONSTANT_ID_3;
constant uint _384_tmp [[function_constant(0)]];
constant uint _384 = is_function_constant_defined(_384_tmp) ? _384_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_384, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 4u
#endif
constant uint TAPS = SPIRV_CROSS_CONSTANT_ID_1;
constant uint HELD = (TAPS - 1u);

struct State
{
    float state[1];
};

struct Src
{
    float src[1];
};

struct Weight
{
    float weight[1];
};

struct Bias
{
    float bias0[1];
};

constant uint _826 = (TAPS - 1u);

struct Dst
{
    float dst[1];
};

constant uint ACT_tmp [[function_constant(2)]];
constant uint ACT = is_function_constant_defined(ACT_tmp) ? ACT_tmp : 1u;

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _68)
{
    return min(p.batch_records, uint(max(_68.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _68)
{
    return uint(_68.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _68)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _68), batch_word(param_2, param_3, p, _68), batch_word(param_4, param_5, p, _68), batch_word(param_6, param_7, p, _68) };
    bool _124 = s.from >= slots;
    bool _133;
    if (!_124)
    {
        _133 = s.to >= slots;
    }
    else
    {
        _133 = _124;
    }
    bool _142;
    if (!_133)
    {
        _142 = s.rows > rows;
    }
    else
    {
        _142 = _133;
    }
    bool _154;
    if (!_142)
    {
        _154 = s.first > (rows - s.rows);
    }
    else
    {
        _154 = _142;
    }
    if (_154)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find(thread const uint& r0, constant Params& p, const device Batch& _68, thread uint& gl_LocalInvocationIndex, threadgroup uint (&sequence_of)[SPAN], threadgroup uint& end)
{
    for (uint i = gl_LocalInvocationIndex; i < SPAN; i += gl_WorkGroupSize.x)
    {
        sequence_of[i] = 4294967295u;
    }
    if (gl_LocalInvocationIndex == 0u)
    {
        end = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint seqs = batch_seqs(p, _68);
    uint r1 = r0 + p.steps;
    uint _451;
    uint _464;
    for (uint q = gl_LocalInvocationIndex; q < seqs; q += gl_WorkGroupSize.x)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _68);
        uint free = s.first + HELD;
        uint last = s.first + s.rows;
        bool _441 = s.first >= r0;
        bool _448;
        if (_441)
        {
            _448 = s.first < r1;
        }
        else
        {
            _448 = _441;
        }
        bool begins = _448;
        if (begins)
        {
            _451 = s.first;
        }
        else
        {
            _451 = max(r0, free);
        }
        uint from = _451;
        if (begins)
        {
            _464 = max(r1, free);
        }
        else
        {
            _464 = r1;
        }
        uint to = min(last, _464);
        bool _476 = s.rows == 0u;
        bool _484;
        if (!_476)
        {
            _484 = s.first >= r1;
        }
        else
        {
            _484 = _476;
        }
        if (_484)
        {
            continue;
        }
        for (uint r = from; r < to; r++)
        {
            sequence_of[r - r0] = q;
        }
        if (to > from)
        {
            uint _513 = atomic_fetch_max_explicit((threadgroup atomic_uint*)&end, to - r0, memory_order_relaxed);
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
float input_(thread const Sequence& s, thread const uint& c, thread const uint& i, constant Params& p, device State& __restrict _525, const device Src& __restrict _548)
{
    float _519;
    if (i < HELD)
    {
        _519 = _525.state[((p.state_off + (s.from * p.state_stride)) + (c * HELD)) + i];
    }
    else
    {
        _519 = _548.src[(p.src_off + (((s.first + i) - HELD) * p.src_stride)) + c];
    }
    return _519;
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
float normal_cdf(thread const float& x)
{
    float z = abs(x) * 0.707106769084930419921875;
    float t = 1.0 / (1.0 + (0.3275910913944244384765625 * z));
    float tail = t * (0.254829585552215576171875 + (t * ((-0.284496724605560302734375) + (t * (1.42141377925872802734375 + (t * ((-1.45315206050872802734375) + (t * 1.0614054203033447265625))))))));
    tail *= (0.5 * exp((-z) * z));
    float _220;
    if (x < 0.0)
    {
        _220 = tail;
    }
    else
    {
        _220 = 1.0 - tail;
    }
    return _220;
}

static inline __attribute__((always_inline))
float sigmoid(thread const float& x)
{
    return 1.0 / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
float tanh_(thread const float& x)
{
    float q = x * x;
    if (q < 0.00999999977648258209228515625)
    {
        return x * (1.0 - (q * (0.3333333432674407958984375 - (q * (0.13333334028720855712890625 - (q * 0.0539682544767856597900390625))))));
    }
    float e = exp((-2.0) * abs(x));
    return (sign(x) * (1.0 - e)) / (1.0 + e);
}

static inline __attribute__((always_inline))
float mish(thread const float& x)
{
    float n = exp(fast::min(x, 20.0));
    float w = n * (n + 2.0);
    return x * (w / (w + 2.0));
}

static inline __attribute__((always_inline))
float activate(thread const uint& act, thread const float& x)
{
    switch (act)
    {
        case 1u:
        {
            float param = x;
            return silu(param);
        }
        case 2u:
        {
            float param_1 = x;
            return x * normal_cdf(param_1);
        }
        case 3u:
        {
            float param_2 = 1.5957691669464111328125 * (x + (((0.0447149984538555145263671875 * x) * x) * x));
            return x * sigmoid(param_2);
        }
        case 4u:
        {
            float param_3 = 1.70200002193450927734375 * x;
            return x * sigmoid(param_3);
        }
        case 5u:
        {
            return fast::max(x, 0.0);
        }
        case 6u:
        {
            return fast::max(x, 0.0) * fast::max(x, 0.0);
        }
        case 7u:
        {
            return fast::min(fast::max(x, 0.0), 6.0);
        }
        case 8u:
        {
            float param_4 = x;
            return sigmoid(param_4);
        }
        case 9u:
        {
            float param_5 = x;
            return tanh_(param_5);
        }
        case 10u:
        {
            float param_6 = x;
            return mish(param_6);
        }
    }
    return x;
}

kernel void conv1d_f32_rows(constant Params& p [[buffer(0)]], device Dst& __restrict _860 [[buffer(1)]], const device Src& __restrict _548 [[buffer(2)]], const device Weight& _617 [[buffer(3)]], const device Bias& _649 [[buffer(4)]], device State& __restrict _525 [[buffer(5)]], const device Batch& _68 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint sequence_of[SPAN];
    threadgroup uint end;
    uint _576 = gl_WorkGroupID.y * p.steps;
    float w[TAPS];
    float x[TAPS];
    float _642;
    float next[8];
    for (uint r0 = _576; r0 < p.rows; r0 += (gl_NumWorkGroups.y * p.steps))
    {
        uint param = r0;
        find(param, p, _68, gl_LocalInvocationIndex, sequence_of, end);
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            for (uint j = 0u; j < TAPS; j++)
            {
                w[j] = _617.weight[(p.weight_off + (c * p.weight_stride)) + j];
                x[j] = 0.0;
            }
            if (p.bias_off == 4294967295u)
            {
                _642 = 0.0;
            }
            else
            {
                _642 = _649.bias0[p.bias_off + c];
            }
            float b = _642;
            uint current = 4294967295u;
            for (uint g = 0u; g < end; g += 8u)
            {
                for (uint i = 0u; i < 8u; i++)
                {
                    uint r = min(((r0 + g) + i), (p.rows - 1u));
                    next[i] = _548.src[(p.src_off + (r * p.src_stride)) + c];
                }
                for (uint i_1 = 0u; i_1 < 8u; i_1++)
                {
                    uint q = sequence_of[g + i_1];
                    uint r_1 = (r0 + g) + i_1;
                    if ((q != current) && (q != 4294967295u))
                    {
                        uint param_1 = q;
                        uint param_2 = p.rows;
                        uint param_3 = p.slots;
                        Sequence s = batch_sequence(param_1, param_2, param_3, p, _68);
                        for (uint j_1 = 1u; j_1 < TAPS; j_1++)
                        {
                            Sequence param_4 = s;
                            uint param_5 = c;
                            uint param_6 = ((r_1 - s.first) + j_1) - 1u;
                            x[j_1] = input_(param_4, param_5, param_6, p, _525, _548);
                        }
                        if (r_1 == s.first)
                        {
                            uint to = (p.state_off + (s.to * p.state_stride)) + (c * HELD);
                            for (uint j_2 = 0u; j_2 < HELD; j_2++)
                            {
                                Sequence param_7 = s;
                                uint param_8 = c;
                                uint param_9 = s.rows + j_2;
                                _525.state[to + j_2] = input_(param_7, param_8, param_9, p, _525, _548);
                            }
                        }
                    }
                    current = q;
                    for (uint j_3 = 1u; j_3 < TAPS; j_3++)
                    {
                        x[j_3 - 1u] = x[j_3];
                    }
                    x[_826] = next[i_1];
                    if (q == 4294967295u)
                    {
                        continue;
                    }
                    float sum = b;
                    for (uint j_4 = 0u; j_4 < TAPS; j_4++)
                    {
                        sum += (w[j_4] * x[j_4]);
                    }
                    uint param_10 = ACT;
                    float param_11 = sum;
                    _860.dst[(p.dst_off + (r_1 * p.dst_stride)) + c] = activate(param_10, param_11);
                }
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

