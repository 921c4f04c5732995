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

constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _370 = (STATE_TYPE == 1u);
constant bool _384 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _421 = (STATE_TYPE == 1u);
constant bool _435 = (STATE_TYPE == 0u);

struct Bias
{
    float bias0[1];
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

constant uint _927_tmp [[function_constant(0)]];
constant uint _927 = is_function_constant_defined(_927_tmp) ? _927_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_927, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _95)
{
    return min(p.batch_records, uint(max(_95.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _95)
{
    return uint(_95.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _95)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _95), batch_word(param_2, param_3, p, _95), batch_word(param_4, param_5, p, _95), batch_word(param_6, param_7, p, _95) };
    bool _150 = s.from >= slots;
    bool _159;
    if (!_150)
    {
        _159 = s.to >= slots;
    }
    else
    {
        _159 = _150;
    }
    bool _168;
    if (!_159)
    {
        _168 = s.rows > rows;
    }
    else
    {
        _168 = _159;
    }
    bool _180;
    if (!_168)
    {
        _180 = s.first > (rows - s.rows);
    }
    else
    {
        _180 = _168;
    }
    if (_180)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_channel(thread const Sequence& s, thread const uint& c, constant Params& p, thread uint& from, thread uint& held, thread uint& to, thread uint& x, thread uint& taps, thread float& b, const device Bias& _734)
{
    from = (p.state_off + (s.from * p.state_stride)) + (c * held);
    to = (p.state_off + (s.to * p.state_stride)) + (c * held);
    x = (p.src_off + (s.first * p.src_stride)) + c;
    taps = p.weight_off + (c * p.weight_stride);
    float _727;
    if (p.bias_off == 4294967295u)
    {
        _727 = 0.0;
    }
    else
    {
        _727 = _734.bias0[p.bias_off + c];
    }
    b = _727;
}

static inline __attribute__((always_inline))
float float16_value(thread const uint& bits)
{
    uint _sign = (bits & 32768u) << uint(16);
    uint rest = bits & 32767u;
    if (rest < 1024u)
    {
        return as_type<float>(as_type<uint>(float(rest) * 5.9604644775390625e-08) | _sign);
    }
    if (rest >= 31744u)
    {
        return as_type<float>((_sign | 2139095040u) | (rest << uint(13)));
    }
    return as_type<float>(_sign | ((rest << uint(13)) + 939524096u));
}

static inline __attribute__((always_inline))
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _390)
{
    if (_384)
    {
        return as_type<float>(_390.state[i]);
    }
    uint _399;
    if (alone)
    {
        _399 = _390.state[i / 2u];
    }
    else
    {
        uint _410 = atomic_fetch_or_explicit((device atomic_uint*)&_390.state[i / 2u], 0u, memory_order_relaxed);
        _399 = _410;
    }
    uint word = _399;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _422;
    if (_421)
    {
        uint param = bits;
        _422 = float16_value(param);
    }
    else
    {
        _422 = as_type<float>(bits << uint(16));
    }
    return _422;
}

static inline __attribute__((always_inline))
float input_(thread const uint& i, constant Params& p, device State& __restrict _390, thread uint& from, thread uint& held, thread uint& x, const device Src& _760)
{
    float _746;
    if (i < held)
    {
        uint param = from + i;
        bool param_1 = false;
        float _755 = state_at(param, param_1, _390);
        _746 = _755;
    }
    else
    {
        _746 = _760.src[x + ((i - held) * p.src_stride)];
    }
    return _746;
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
    float _522;
    if (x < 0.0)
    {
        _522 = tail;
    }
    else
    {
        _522 = 1.0 - tail;
    }
    return _522;
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
float convolve(thread const uint& t, constant Params& p, device State& __restrict _390, thread uint& from, thread uint& held, thread uint& x, thread uint& taps, thread float& b, const device Src& _760, const device Weight& _789)
{
    float sum = b;
    for (uint j = 0u; j < p.taps; j++)
    {
        float _794 = _789.weight[taps + j];
        uint param = t + j;
        float _799 = input_(param, p, _390, from, held, x, _760);
        sum += (_794 * _799);
    }
    uint param_1 = p.act;
    float param_2 = sum;
    return activate(param_1, param_2);
}

static inline __attribute__((always_inline))
uint float16_bits(thread const float& v)
{
    uint _all = as_type<uint>(v);
    uint _sign = (_all >> uint(16)) & 32768u;
    uint rest = _all & 2147483647u;
    if (rest > 2139095040u)
    {
        return _sign | 32256u;
    }
    if (rest >= 1199562752u)
    {
        return _sign | 31743u;
    }
    if (rest >= 947912704u)
    {
        return _sign | ((((rest - 939524096u) + 4095u) + ((rest >> uint(13)) & 1u)) >> uint(13));
    }
    uint drop = 126u - (rest >> uint(23));
    if (drop > 24u)
    {
        return _sign;
    }
    uint m = (rest & 8388607u) | 8388608u;
    uint kept = m >> drop;
    uint lost = m & ((1u << drop) - 1u);
    uint middle = 1u << (drop - 1u);
    bool _315 = lost > middle;
    bool _328;
    if (!_315)
    {
        bool _321 = lost == middle;
        bool _327;
        if (_321)
        {
            _327 = (kept % 2u) == 1u;
        }
        else
        {
            _327 = _321;
        }
        _328 = _327;
    }
    else
    {
        _328 = _315;
    }
    return _sign | (kept + uint(_328));
}

static inline __attribute__((always_inline))
uint bfloat16_bits(thread const float& v)
{
    uint _all = as_type<uint>(v);
    uint rest = _all & 2147483647u;
    if (rest > 2139095040u)
    {
        return (_all >> uint(16)) | 64u;
    }
    if (rest >= 2139062272u)
    {
        return ((_all >> uint(16)) & 32768u) | 32639u;
    }
    return ((_all + 32767u) + ((_all >> uint(16)) & 1u)) >> uint(16);
}

static inline __attribute__((always_inline))
uint state_bits(thread const float& v)
{
    uint _371;
    if (_370)
    {
        float param = v;
        _371 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _371 = bfloat16_bits(param_1);
    }
    return _371;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _390)
{
    if (_435)
    {
        _390.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _453 = atomic_fetch_and_explicit((device atomic_uint*)&_390.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _462 = atomic_fetch_or_explicit((device atomic_uint*)&_390.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

kernel void conv1d_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _880 [[buffer(1)]], const device Src& _760 [[buffer(2)]], const device Weight& _789 [[buffer(3)]], const device Bias& _734 [[buffer(4)]], device State& __restrict _390 [[buffer(5)]], const device Batch& _95 [[buffer(6)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _95);
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
        Sequence s = batch_sequence(param, param_1, param_2, p, _95);
        if (s.rows == 0u)
        {
            continue;
        }
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            Sequence param_3 = s;
            uint param_4 = c;
            find_channel(param_3, param_4, p, from, held, to, x, taps, b, _734);
            for (uint t = 0u; t < s.rows; t++)
            {
                uint param_5 = t;
                float _897 = convolve(param_5, p, _390, from, held, x, taps, b, _760, _789);
                _880.dst[(p.dst_off + ((s.first + t) * p.dst_stride)) + c] = _897;
            }
            for (uint j = 0u; j < held; j++)
            {
                uint param_6 = s.rows + j;
                float _918 = input_(param_6, p, _390, from, held, x, _760);
                uint param_7 = to + j;
                float param_8 = _918;
                set_state(param_7, param_8, _390);
            }
        }
    }
}

