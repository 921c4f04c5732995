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
    uint ring;
    uint ring_len;
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

constant bool KEEP_tmp [[function_constant(18)]];
constant bool KEEP = is_function_constant_defined(KEEP_tmp) ? KEEP_tmp : false;
constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _487 = (STATE_TYPE == 1u);
constant bool _501 = (STATE_TYPE == 0u);
constant bool _506 = (STATE_TYPE == 1u);
constant bool _524 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _561 = (STATE_TYPE == 1u);
constant bool _575 = (STATE_TYPE == 0u);

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

constant uint _1124_tmp [[function_constant(0)]];
constant uint _1124 = is_function_constant_defined(_1124_tmp) ? _1124_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1124, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _115)
{
    return min(p.batch_records, uint(max(_115.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _115)
{
    return uint(_115.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _115)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    uint param_8 = seq;
    uint param_9 = 5u;
    uint param_10 = seq;
    uint param_11 = 6u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _115), batch_word(param_2, param_3, p, _115), batch_word(param_4, param_5, p, _115), batch_word(param_6, param_7, p, _115), batch_word(param_8, param_9, p, _115), batch_word(param_10, param_11, p, _115) };
    bool _187;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _187 = batch_word(param_12, param_13, p, _115) == 1u;
    }
    else
    {
        _187 = KEEP;
    }
    bool keep = _187 && (slots != 4294967295u);
    bool _195 = s.from >= slots;
    bool _204;
    if (!_195)
    {
        _204 = s.to >= slots;
    }
    else
    {
        _204 = _195;
    }
    bool _213;
    if (!_204)
    {
        _213 = s.rows > rows;
    }
    else
    {
        _213 = _204;
    }
    bool _225;
    if (!_213)
    {
        _225 = s.first > (rows - s.rows);
    }
    else
    {
        _225 = _213;
    }
    if (_225)
    {
        s.rows = 0u;
    }
    bool _258;
    if (keep)
    {
        bool _237 = s.ring_len < s.rows;
        bool _245;
        if (!_237)
        {
            _245 = s.ring_len > slots;
        }
        else
        {
            _245 = _237;
        }
        bool _257;
        if (!_245)
        {
            _257 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _257 = _245;
        }
        _258 = _257;
    }
    else
    {
        _258 = keep;
    }
    if (_258)
    {
        s.rows = 0u;
    }
    if (!keep)
    {
        s.ring_len = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
uint state_of(thread const uint& slot, thread const uint& c, constant Params& p, thread uint& held)
{
    return (p.state_off + (slot * p.state_stride)) + (c * held);
}

static inline __attribute__((always_inline))
void find_channel(thread const Sequence& s, thread const uint& c, constant Params& p, thread uint& held, thread uint& from, thread uint& to, thread uint& x, thread uint& taps, thread float& b, const device Bias& _874)
{
    uint param = s.from;
    uint param_1 = c;
    from = state_of(param, param_1, p, held);
    uint param_2 = s.to;
    uint param_3 = c;
    to = state_of(param_2, param_3, p, held);
    x = (p.src_off + (s.first * p.src_stride)) + c;
    taps = p.weight_off + (c * p.weight_stride);
    float _867;
    if (p.bias_off == 4294967295u)
    {
        _867 = 0.0;
    }
    else
    {
        _867 = _874.bias0[p.bias_off + c];
    }
    b = _867;
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _530)
{
    if (_524)
    {
        return as_type<float>(_530.state[i]);
    }
    uint _539;
    if (alone)
    {
        _539 = _530.state[i / 2u];
    }
    else
    {
        uint _550 = atomic_fetch_or_explicit((device atomic_uint*)&_530.state[i / 2u], 0u, memory_order_relaxed);
        _539 = _550;
    }
    uint word = _539;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _562;
    if (_561)
    {
        uint param = bits;
        _562 = float16_value(param);
    }
    else
    {
        _562 = as_type<float>(bits << uint(16));
    }
    return _562;
}

static inline __attribute__((always_inline))
float input_(thread const uint& i, constant Params& p, device State& __restrict _530, thread uint& held, thread uint& from, thread uint& x, const device Src& _900)
{
    float _886;
    if (i < held)
    {
        uint param = from + i;
        bool param_1 = false;
        float _895 = state_at(param, param_1, _530);
        _886 = _895;
    }
    else
    {
        _886 = _900.src[x + ((i - held) * p.src_stride)];
    }
    return _886;
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
    bool _432 = lost > middle;
    bool _445;
    if (!_432)
    {
        bool _438 = lost == middle;
        bool _444;
        if (_438)
        {
            _444 = (kept % 2u) == 1u;
        }
        else
        {
            _444 = _438;
        }
        _445 = _444;
    }
    else
    {
        _445 = _432;
    }
    return _sign | (kept + uint(_445));
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
float state_round(thread const float& v)
{
    if (_501)
    {
        return v;
    }
    float _507;
    if (_506)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _507 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _507 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _507;
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
    float _662;
    if (x < 0.0)
    {
        _662 = tail;
    }
    else
    {
        _662 = 1.0 - tail;
    }
    return _662;
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
float convolve(thread const uint& t, thread const bool& keep, constant Params& p, device State& __restrict _530, thread uint& held, thread uint& from, thread uint& x, thread uint& taps, thread float& b, const device Src& _900, const device Weight& _945)
{
    float sum = b;
    for (uint j = 0u; j < p.taps; j++)
    {
        uint param = t + j;
        float _931 = input_(param, p, _530, held, from, x, _900);
        float v = _931;
        if (keep && (j < held))
        {
            float param_1 = v;
            v = state_round(param_1);
        }
        sum += (_945.weight[taps + j] * v);
    }
    uint param_2 = p.act;
    float param_3 = sum;
    return activate(param_2, param_3);
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _276;
    if ((from - ring) < ring_len)
    {
        _276 = ((from - ring) + i) + 1u;
    }
    else
    {
        _276 = i;
    }
    uint at = _276;
    uint _292;
    if (at < ring_len)
    {
        _292 = at;
    }
    else
    {
        _292 = at - ring_len;
    }
    return ring + _292;
}

static inline __attribute__((always_inline))
uint state_bits(thread const float& v)
{
    uint _488;
    if (_487)
    {
        float param = v;
        _488 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _488 = bfloat16_bits(param_1);
    }
    return _488;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _530)
{
    if (_575)
    {
        _530.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _593 = atomic_fetch_and_explicit((device atomic_uint*)&_530.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _602 = atomic_fetch_or_explicit((device atomic_uint*)&_530.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void store_state(thread const uint& to, thread const uint& t, constant Params& p, device State& __restrict _530, thread uint& held, thread uint& from, thread uint& x, const device Src& _900)
{
    for (uint j = 0u; j < held; j++)
    {
        uint param = (t + 1u) + j;
        float _982 = input_(param, p, _530, held, from, x, _900);
        uint param_1 = to + j;
        float param_2 = _982;
        set_state(param_1, param_2, _530);
    }
}

kernel void conv1d_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1062 [[buffer(1)]], const device Src& _900 [[buffer(2)]], const device Weight& _945 [[buffer(3)]], const device Bias& _874 [[buffer(4)]], device State& __restrict _530 [[buffer(5)]], const device Batch& _115 [[buffer(6)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _115);
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
        Sequence s = batch_sequence(param, param_1, param_2, p, _115);
        if (s.rows == 0u)
        {
            continue;
        }
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            Sequence param_3 = s;
            uint param_4 = c;
            find_channel(param_3, param_4, p, held, from, to, x, taps, b, _874);
            bool _1048;
            if (KEEP)
            {
                _1048 = s.ring_len != 0u;
            }
            else
            {
                _1048 = KEEP;
            }
            bool keep = _1048;
            for (uint t = 0u; t < s.rows; t++)
            {
                uint param_5 = t;
                bool param_6 = keep;
                float _1079 = convolve(param_5, param_6, p, _530, held, from, x, taps, b, _900, _945);
                _1062.dst[(p.dst_off + ((s.first + t) * p.dst_stride)) + c] = _1079;
                bool _1089;
                if (keep)
                {
                    _1089 = (t + 1u) < s.rows;
                }
                else
                {
                    _1089 = keep;
                }
                if (_1089)
                {
                    uint param_7 = s.from;
                    uint param_8 = s.ring;
                    uint param_9 = s.ring_len;
                    uint param_10 = t;
                    uint param_11 = ring_slot(param_7, param_8, param_9, param_10);
                    uint param_12 = c;
                    uint param_13 = state_of(param_11, param_12, p, held);
                    uint param_14 = t;
                    store_state(param_13, param_14, p, _530, held, from, x, _900);
                }
            }
            uint param_15 = to;
            uint param_16 = s.rows - 1u;
            store_state(param_15, param_16, p, _530, held, from, x, _900);
        }
    }
}

