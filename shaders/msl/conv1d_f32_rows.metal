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
constant uint _404_tmp [[function_constant(0)]];
constant uint _404 = is_function_constant_defined(_404_tmp) ? _404_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_404, 1u, 1u);
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

constant uint _773 = (TAPS - 1u);
constant uint ACT_tmp [[function_constant(2)]];
constant uint ACT = is_function_constant_defined(ACT_tmp) ? ACT_tmp : 1u;

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _88)
{
    return min(p.batch_records, uint(max(_88.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _88)
{
    return uint(_88.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _88)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _88), batch_word(param_2, param_3, p, _88), batch_word(param_4, param_5, p, _88), batch_word(param_6, param_7, p, _88) };
    bool _144 = s.from >= slots;
    bool _153;
    if (!_144)
    {
        _153 = s.to >= slots;
    }
    else
    {
        _153 = _144;
    }
    bool _162;
    if (!_153)
    {
        _162 = s.rows > rows;
    }
    else
    {
        _162 = _153;
    }
    bool _174;
    if (!_162)
    {
        _174 = s.first > (rows - s.rows);
    }
    else
    {
        _174 = _162;
    }
    if (_174)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& r0, constant Params& p, const device Batch& _88, thread uint& gl_LocalInvocationIndex, threadgroup uint (&sequence_of)[SPAN], threadgroup uint& end)
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
    uint seqs = batch_seqs(p, _88);
    uint r1 = r0 + p.steps;
    uint _471;
    uint _484;
    for (uint q = gl_LocalInvocationIndex; q < seqs; q += gl_WorkGroupSize.x)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _88);
        uint free = s.first + HELD;
        uint last = s.first + s.rows;
        bool _461 = s.first >= r0;
        bool _468;
        if (_461)
        {
            _468 = s.first < r1;
        }
        else
        {
            _468 = _461;
        }
        bool begins = _468;
        if (begins)
        {
            _471 = s.first;
        }
        else
        {
            _471 = max(r0, free);
        }
        uint from = _471;
        if (begins)
        {
            _484 = max(r1, free);
        }
        else
        {
            _484 = r1;
        }
        uint to = min(last, _484);
        bool _496 = s.rows == 0u;
        bool _504;
        if (!_496)
        {
            _504 = s.first >= r1;
        }
        else
        {
            _504 = _496;
        }
        if (_504)
        {
            continue;
        }
        for (uint r = from; r < to; r++)
        {
            sequence_of[r - r0] = q;
        }
        if (to > from)
        {
            uint _533 = atomic_fetch_max_explicit((threadgroup atomic_uint*)&end, to - r0, memory_order_relaxed);
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
void load_channel(thread const uint& c, constant Params& p, thread float (&w)[TAPS], const device Weight& _604, thread float (&x)[TAPS], thread float& b, const device Bias& _637)
{
    for (uint j = 0u; j < TAPS; j++)
    {
        w[j] = _604.weight[(p.weight_off + (c * p.weight_stride)) + j];
        x[j] = 0.0;
    }
    float _630;
    if (p.bias_off == 4294967295u)
    {
        _630 = 0.0;
    }
    else
    {
        _630 = _637.bias0[p.bias_off + c];
    }
    b = _630;
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& c, thread const uint& r0, constant Params& p, const device Src& __restrict _568, thread float (&next)[8])
{
    for (uint i = 0u; i < 8u; i++)
    {
        uint r = min((r0 + i), (p.rows - 1u));
        next[i] = _568.src[(p.src_off + (r * p.src_stride)) + c];
    }
}

static inline __attribute__((always_inline))
float input_(thread const Sequence& s, thread const uint& c, thread const uint& i, constant Params& p, device State& __restrict _545, const device Src& __restrict _568)
{
    float _539;
    if (i < HELD)
    {
        _539 = _545.state[((p.state_off + (s.from * p.state_stride)) + (c * HELD)) + i];
    }
    else
    {
        _539 = _568.src[(p.src_off + (((s.first + i) - HELD) * p.src_stride)) + c];
    }
    return _539;
}

static inline __attribute__((always_inline))
void begin_sequence(thread const uint& c, thread const uint& q, thread const uint& r, constant Params& p, const device Batch& _88, device State& __restrict _545, const device Src& __restrict _568, thread float (&x)[TAPS])
{
    uint param = q;
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    Sequence s = batch_sequence(param, param_1, param_2, p, _88);
    for (uint j = 1u; j < TAPS; j++)
    {
        Sequence param_3 = s;
        uint param_4 = c;
        uint param_5 = ((r - s.first) + j) - 1u;
        x[j] = input_(param_3, param_4, param_5, p, _545, _568);
    }
    if (r == s.first)
    {
        uint to = (p.state_off + (s.to * p.state_stride)) + (c * HELD);
        for (uint j_1 = 0u; j_1 < HELD; j_1++)
        {
            Sequence param_6 = s;
            uint param_7 = c;
            uint param_8 = s.rows + j_1;
            _545.state[to + j_1] = input_(param_6, param_7, param_8, p, _545, _568);
        }
    }
}

static inline __attribute__((always_inline))
void shift_in(thread const uint& i, thread float (&x)[TAPS], thread float (&next)[8])
{
    for (uint j = 1u; j < TAPS; j++)
    {
        x[j - 1u] = x[j];
    }
    x[_773] = next[i];
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
    float _240;
    if (x < 0.0)
    {
        _240 = tail;
    }
    else
    {
        _240 = 1.0 - tail;
    }
    return _240;
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

static inline __attribute__((always_inline))
float convolve(thread float (&w)[TAPS], thread float (&x)[TAPS], thread float& b)
{
    float sum = b;
    for (uint j = 0u; j < TAPS; j++)
    {
        sum += (w[j] * x[j]);
    }
    uint param = ACT;
    float param_1 = sum;
    return activate(param, param_1);
}

kernel void conv1d_f32_rows(constant Params& p [[buffer(0)]], device Dst& __restrict _906 [[buffer(1)]], const device Src& __restrict _568 [[buffer(2)]], const device Weight& _604 [[buffer(3)]], const device Bias& _637 [[buffer(4)]], device State& __restrict _545 [[buffer(5)]], const device Batch& _88 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint sequence_of[SPAN];
    threadgroup uint end;
    uint _813 = gl_WorkGroupID.y * p.steps;
    float w[TAPS];
    float x[TAPS];
    float b;
    float next[8];
    for (uint r0 = _813; r0 < p.rows; r0 += (gl_NumWorkGroups.y * p.steps))
    {
        uint param = r0;
        find_sequences(param, p, _88, gl_LocalInvocationIndex, sequence_of, end);
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            uint param_1 = c;
            load_channel(param_1, p, w, _604, x, b, _637);
            uint current = 4294967295u;
            for (uint g = 0u; g < end; g += 8u)
            {
                uint param_2 = c;
                uint param_3 = r0 + g;
                load_rows(param_2, param_3, p, _568, next);
                for (uint i = 0u; i < 8u; i++)
                {
                    uint q = sequence_of[g + i];
                    uint r = (r0 + g) + i;
                    if ((q != current) && (q != 4294967295u))
                    {
                        uint param_4 = c;
                        uint param_5 = q;
                        uint param_6 = r;
                        begin_sequence(param_4, param_5, param_6, p, _88, _545, _568, x);
                    }
                    current = q;
                    uint param_7 = i;
                    shift_in(param_7, x, next);
                    if (q == 4294967295u)
                    {
                        continue;
                    }
                    _906.dst[(p.dst_off + (r * p.dst_stride)) + c] = convolve(w, x, b);
                }
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

