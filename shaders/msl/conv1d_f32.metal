#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

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
    uint taps;
    uint act;
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

struct Bias
{
    float bias0[1];
};

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

struct Dst
{
    float dst[1];
};

constant uint _628_tmp [[function_constant(0)]];
constant uint _628 = is_function_constant_defined(_628_tmp) ? _628_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_628, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _70)
{
    return min(p.batch_records, uint(max(_70.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _70)
{
    return uint(_70.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _70)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _70), batch_word(param_2, param_3, p, _70), batch_word(param_4, param_5, p, _70), batch_word(param_6, param_7, p, _70) };
    bool _126 = s.from >= slots;
    bool _135;
    if (!_126)
    {
        _135 = s.to >= slots;
    }
    else
    {
        _135 = _126;
    }
    bool _144;
    if (!_135)
    {
        _144 = s.rows > rows;
    }
    else
    {
        _144 = _135;
    }
    bool _156;
    if (!_144)
    {
        _156 = s.first > (rows - s.rows);
    }
    else
    {
        _156 = _144;
    }
    if (_156)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_channel(thread const Sequence& s, thread const uint& c, constant Params& p, thread uint& from, thread uint& held, thread uint& to, thread uint& x, thread uint& taps, thread float& b, const device Bias& _434)
{
    from = (p.state_off + (s.from * p.state_stride)) + (c * held);
    to = (p.state_off + (s.to * p.state_stride)) + (c * held);
    x = (p.src_off + (s.first * p.src_stride)) + c;
    taps = p.weight_off + (c * p.weight_stride);
    float _427;
    if (p.bias_off == 4294967295u)
    {
        _427 = 0.0;
    }
    else
    {
        _427 = _434.bias0[p.bias_off + c];
    }
    b = _427;
}

static inline __attribute__((always_inline))
float input_(thread const uint& i, constant Params& p, thread uint& from, thread uint& held, thread uint& x, device State& __restrict _452, const device Src& _462)
{
    float _446;
    if (i < held)
    {
        _446 = _452.state[from + i];
    }
    else
    {
        _446 = _462.src[x + ((i - held) * p.src_stride)];
    }
    return _446;
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
    float _222;
    if (x < 0.0)
    {
        _222 = tail;
    }
    else
    {
        _222 = 1.0 - tail;
    }
    return _222;
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
float convolve(thread const uint& t, constant Params& p, thread uint& from, thread uint& held, thread uint& x, thread uint& taps, thread float& b, device State& __restrict _452, const device Src& _462, const device Weight& _491)
{
    float sum = b;
    for (uint j = 0u; j < p.taps; j++)
    {
        uint param = t + j;
        sum += (_491.weight[taps + j] * input_(param, p, from, held, x, _452, _462));
    }
    uint param_1 = p.act;
    float param_2 = sum;
    return activate(param_1, param_2);
}

kernel void conv1d_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _583 [[buffer(1)]], const device Src& _462 [[buffer(2)]], const device Weight& _491 [[buffer(3)]], const device Bias& _434 [[buffer(4)]], device State& __restrict _452 [[buffer(5)]], const device Batch& _70 [[buffer(6)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _70);
    uint held = p.taps - 1u;
    uint from;
    uint to;
    uint x;
    uint taps;
    float b;
    for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _70);
        if (s.rows == 0u)
        {
            continue;
        }
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            Sequence param_3 = s;
            uint param_4 = c;
            find_channel(param_3, param_4, p, from, held, to, x, taps, b, _434);
            for (uint t = 0u; t < s.rows; t++)
            {
                uint param_5 = t;
                _583.dst[(p.dst_off + ((s.first + t) * p.dst_stride)) + c] = convolve(param_5, p, from, held, x, taps, b, _452, _462, _491);
            }
            for (uint j = 0u; j < held; j++)
            {
                uint param_6 = s.rows + j;
                _452.state[to + j] = input_(param_6, p, from, held, x, _452, _462);
            }
        }
    }
}

