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

struct Taps
{
    float in_bias;
    float bias0;
    float weight[4];
    float state[3];
};

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint first;
    uint channels;
    uint dst_off;
    uint dst_stride;
    uint z_off;
    uint z_stride;
    uint src_off;
    uint src_stride;
    uint norm_off;
    float eps;
    uint pitch;
    uint bias_off;
    uint conv_off;
    uint conv_stride;
    uint taps;
    uint conv_bias_off;
    uint state_off;
    uint state_stride;
    uint slots;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
    uint act;
};

struct Batch
{
    int batch[1];
};

constant uint _518_tmp [[function_constant(0)]];
constant uint _518 = is_function_constant_defined(_518_tmp) ? _518_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_518, 1u, 1u);
constant uint _521 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _523 = (_521 / ROWS);
constant uint _531 = gl_WorkGroupSize.x;
constant uint _532 = (_531 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _749 = (ROWS * 2u);
constant uint _750 = (TILE / _749);

struct Weight
{
    uint4 weight[1];
};

constant uint _915 = (OUTS * ROWS);
constant uint _957 = gl_WorkGroupSize.x;
constant uint _958 = (_957 / ROWS);
constant uint _1180 = (OUTS * AHEAD);

struct RowSequence
{
    uint first;
    uint end;
    uint from;
    uint to;
};

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant uint _1599 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct ConvBias
{
    float conv_bias[1];
};

constant uint _1665 = (ROWS - 1u);

struct Conv
{
    float conv[1];
};

struct State
{
    float state[1];
};

constant uint _1826 = (OUTS * ROWS);

struct Z
{
    float z[1];
};

constant uint _1935 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

constant uint _2085 = (OUTS * ROWS);
constant uint _2225 = (3u * OUTS);
constant uint _2241 = (3u * OUTS);
constant int _2247 = int(ROWS + 0u);
constant uint _2258 = (3u * OUTS);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Batch& _178)
{
    return min(p.rows, uint(max(_178.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1540)
{
    return _1540.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1560)
{
    return _1560.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _178)
{
    return min(p.batch_records, uint(max(_178.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _178)
{
    return uint(_178.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _178)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _178), batch_word(param_2, param_3, p, _178), batch_word(param_4, param_5, p, _178), batch_word(param_6, param_7, p, _178) };
    bool _231 = s.from >= slots;
    bool _240;
    if (!_231)
    {
        _240 = s.to >= slots;
    }
    else
    {
        _240 = _231;
    }
    bool _249;
    if (!_240)
    {
        _249 = s.rows > rows;
    }
    else
    {
        _249 = _240;
    }
    bool _261;
    if (!_249)
    {
        _261 = s.first > (rows - s.rows);
    }
    else
    {
        _261 = _249;
    }
    if (_261)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, thread const uint& at, constant Params& p, const device Batch& _178, threadgroup RowSequence (&row_sequence)[8])
{
    if (at >= ROWS)
    {
        return;
    }
    uint seqs = batch_seqs(p, _178);
    uint t = first + at;
    RowSequence found = RowSequence{ 0u, 0u, 0u, 0u };
    for (uint q = 0u; q < p.batch_records; q++)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _178);
        bool _1503 = q < seqs;
        bool _1513;
        if (_1503)
        {
            _1513 = (t - s.first) < s.rows;
        }
        else
        {
            _1513 = _1503;
        }
        if (_1513)
        {
            found = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
        }
    }
    row_sequence[at] = found;
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block, constant Params& p, const device Batch& _178, thread uint& at, threadgroup RowSequence (&row_sequence)[8])
{
    uint param = block * ROWS;
    uint param_1 = at;
    find_sequences(param, param_1, p, _178, row_sequence);
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
uint square_parts(thread uint& lanes)
{
    return max((_523 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _532;
    uint parts = square_parts(lanes);
    uint _583;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _583 = sub % parts;
            }
            else
            {
                _583 = 0u;
            }
            squares[(r * parts) + _583] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
Taps taps(thread const uint& m, thread const uint& block, thread const uint& e, constant Params& p, threadgroup RowSequence (&row_sequence)[8], const device Bias& _1634, const device ConvBias& _1655, const device Conv& _1690, device State& __restrict _1736)
{
    Taps s;
    s.bias0 = 0.0;
    s.in_bias = 0.0;
    uint k = e % OUTS;
    uint r = e / OUTS;
    uint ch = (p.first + m) + k;
    uint held = p.taps - 1u;
    bool _1600 = e < _1599;
    bool _1609;
    if (_1600)
    {
        _1609 = (m + k) < p.outs;
    }
    else
    {
        _1609 = _1600;
    }
    bool used = _1609;
    bool _1619;
    if (used)
    {
        _1619 = ch < p.channels;
    }
    else
    {
        _1619 = used;
    }
    bool conved = _1619;
    bool _1628;
    if (used)
    {
        _1628 = p.bias_off != 4294967295u;
    }
    else
    {
        _1628 = used;
    }
    if (_1628)
    {
        s.in_bias = _1634.bias0[p.bias_off + ch];
    }
    bool _1649;
    if (conved)
    {
        _1649 = p.conv_bias_off != 4294967295u;
    }
    else
    {
        _1649 = conved;
    }
    if (_1649)
    {
        s.bias0 = _1655.conv_bias[p.conv_bias_off + ch];
    }
    RowSequence q = row_sequence[min(r, _1665)];
    for (uint j = 0u; j <= 3u; j++)
    {
        s.weight[j] = 0.0;
        if (conved && (j <= held))
        {
            s.weight[j] = _1690.conv[(p.conv_off + (ch * p.conv_stride)) + j];
        }
    }
    for (uint j_1 = 0u; j_1 < 3u; j_1++)
    {
        s.state[j_1] = 0.0;
        bool _1721 = conved && (j_1 < held);
        bool _1729;
        if (_1721)
        {
            _1729 = q.end > q.first;
        }
        else
        {
            _1729 = _1721;
        }
        if (_1729)
        {
            s.state[j_1] = _1736.state[((p.state_off + (q.from * p.state_stride)) + (ch * held)) + j_1];
        }
    }
    return s;
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& lane, threadgroup RowSequence (&row_sequence)[8], const device Bias& _1634, const device ConvBias& _1655, const device Conv& _1690, device State& __restrict _1736, thread Taps& expected)
{
    uint param = m;
    uint param_1 = block;
    uint param_2 = lane;
    expected = taps(param, param_1, param_2, p, row_sequence, _1634, _1655, _1690, _1736);
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _144;
    if (q == 0u)
    {
        _144 = w.xy;
    }
    else
    {
        _144 = w.zw;
    }
    uint2 h = _144;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
uint sum_at(thread const int& r, thread const uint& i, thread uint& sub)
{
    return (((sub * 11u) + uint(3 + r)) * 4u) + i;
}

static inline __attribute__((always_inline))
float rms_scale(thread const float& squares, thread const uint& n, thread const float& eps)
{
    return 9.31322574615478515625e-10 * rsqrt((squares / float(n)) + ((eps * 9.31322574615478515625e-10) * 9.31322574615478515625e-10));
}

static inline __attribute__((always_inline))
float row_scale(thread const uint& r, constant Params& p, thread uint& lanes, threadgroup float (&squares)[128])
{
    float sum = 0.0;
    uint parts = square_parts(lanes);
    for (uint i = 0u; i < parts; i++)
    {
        sum += squares[(r * parts) + i];
    }
    float param = sum;
    uint param_1 = p.cols;
    float param_2 = p.eps;
    return rms_scale(param, param_1, param_2);
}

static inline __attribute__((always_inline))
float window(thread const Taps& s, thread const uint& first, thread const uint& block, thread const uint& i, thread const uint& held, thread const uint& k, thread uint& sub, threadgroup float (&sums)[704])
{
    if (i >= held)
    {
        int param = int((first + i) - held) - int(block * ROWS);
        uint param_1 = k;
        return sums[sum_at(param, param_1, sub)];
    }
    float _1794;
    if (i == 0u)
    {
        _1794 = s.state[0];
    }
    else
    {
        float _1802;
        if (i == 1u)
        {
            _1802 = s.state[1];
        }
        else
        {
            _1802 = s.state[2];
        }
        _1794 = _1802;
    }
    return _1794;
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
    float _327;
    if (x < 0.0)
    {
        _327 = tail;
    }
    else
    {
        _327 = 1.0 - tail;
    }
    return _327;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], const device Bias& _1634, const device ConvBias& _1655, const device Conv& _1690, device State& __restrict _1736, thread Taps& expected, device Z& __restrict _1907, device Dst& __restrict _2054)
{
    uint held = p.taps - 1u;
    Taps _1871;
    for (uint e = lane; e < _1826; e += lanes)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        uint ch = (p.first + m) + k;
        if ((m + k) >= p.outs)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        uint param_2 = r;
        if (e < lanes)
        {
            _1871 = expected;
        }
        else
        {
            uint param_3 = m;
            uint param_4 = block;
            uint param_5 = e;
            _1871 = taps(param_3, param_4, param_5, p, row_sequence, _1634, _1655, _1690, _1736);
        }
        float x = (sums[sum_at(param, param_1, sub)] * row_scale(param_2, p, lanes, squares)) + _1871.in_bias;
        int param_6 = int(r);
        uint param_7 = k;
        sums[sum_at(param_6, param_7, sub)] = x;
        if ((ch >= p.channels) && (t < alive))
        {
            _1907.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
        }
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    Taps _1995;
    for (uint e_1 = lane; e_1 < _1935; e_1 += lanes)
    {
        uint k_1 = e_1 % OUTS;
        uint r_1 = e_1 / OUTS;
        uint t_1 = (block * ROWS) + r_1;
        uint ch_1 = (p.first + m) + k_1;
        RowSequence q = row_sequence[r_1];
        bool _1961 = t_1 >= alive;
        bool _1969;
        if (!_1961)
        {
            _1969 = t_1 >= q.end;
        }
        else
        {
            _1969 = _1961;
        }
        bool _1979;
        if (!_1969)
        {
            _1979 = (m + k_1) >= p.outs;
        }
        else
        {
            _1979 = _1969;
        }
        bool _1987;
        if (!_1979)
        {
            _1987 = ch_1 >= p.channels;
        }
        else
        {
            _1987 = _1979;
        }
        if (_1987)
        {
            continue;
        }
        if (e_1 < lanes)
        {
            _1995 = expected;
        }
        else
        {
            uint param_8 = m;
            uint param_9 = block;
            uint param_10 = e_1;
            _1995 = taps(param_8, param_9, param_10, p, row_sequence, _1634, _1655, _1690, _1736);
        }
        Taps s = _1995;
        float sum = s.bias0;
        for (uint j = 0u; j <= 3u; j++)
        {
            if (j <= held)
            {
                Taps param_11 = s;
                uint param_12 = q.first;
                uint param_13 = block;
                uint param_14 = (t_1 - q.first) + j;
                uint param_15 = held;
                uint param_16 = k_1;
                sum += (s.weight[j] * window(param_11, param_12, param_13, param_14, param_15, param_16, sub, sums));
            }
        }
        uint param_17 = p.act;
        float param_18 = sum;
        _2054.dst[(p.dst_off + (t_1 * p.dst_stride)) + ch_1] = activate(param_17, param_18);
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    Taps _2146;
    for (uint e_2 = lane; e_2 < _2085; e_2 += lanes)
    {
        uint k_2 = e_2 % OUTS;
        uint r_2 = e_2 / OUTS;
        uint t_2 = (block * ROWS) + r_2;
        uint ch_2 = (p.first + m) + k_2;
        RowSequence q_1 = row_sequence[r_2];
        bool _2111 = t_2 >= alive;
        bool _2120;
        if (!_2111)
        {
            _2120 = (t_2 + 1u) != q_1.end;
        }
        else
        {
            _2120 = _2111;
        }
        bool _2130;
        if (!_2120)
        {
            _2130 = (m + k_2) >= p.outs;
        }
        else
        {
            _2130 = _2120;
        }
        bool _2138;
        if (!_2130)
        {
            _2138 = ch_2 >= p.channels;
        }
        else
        {
            _2138 = _2130;
        }
        if (_2138)
        {
            continue;
        }
        if (e_2 < lanes)
        {
            _2146 = expected;
        }
        else
        {
            uint param_19 = m;
            uint param_20 = block;
            uint param_21 = e_2;
            _2146 = taps(param_19, param_20, param_21, p, row_sequence, _1634, _1655, _1690, _1736);
        }
        Taps s_1 = _2146;
        for (uint j_1 = 0u; j_1 < 3u; j_1++)
        {
            if (j_1 < held)
            {
                Taps param_22 = s_1;
                uint param_23 = q_1.first;
                uint param_24 = block;
                uint param_25 = ((t_2 + 1u) - q_1.first) + j_1;
                uint param_26 = held;
                uint param_27 = k_2;
                _1736.state[((p.state_off + (q_1.to * p.state_stride)) + (ch_2 * held)) + j_1] = window(param_22, param_23, param_24, param_25, param_26, param_27, sub, sums);
            }
        }
    }
    if (p.rows <= ROWS)
    {
        return;
    }
    float _2243;
    for (uint e0 = 0u; e0 < _2225; e0 += lanes)
    {
        uint e_3 = e0 + lane;
        uint k_3 = e_3 % OUTS;
        int r_3 = int(e_3 / OUTS) - 3;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2241)
        {
            int param_28 = r_3 + _2247;
            uint param_29 = k_3;
            _2243 = sums[sum_at(param_28, param_29, sub)];
        }
        else
        {
            _2243 = 0.0;
        }
        float x_1 = _2243;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2258)
        {
            int param_30 = r_3;
            uint param_31 = k_3;
            sums[sum_at(param_30, param_31, sub)] = x_1;
        }
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void in_proj_conv_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2054 [[buffer(1)]], device Z& __restrict _1907 [[buffer(2)]], const device Src& _1540 [[buffer(3)]], const device Norm& _1560 [[buffer(4)]], const device Weight& __restrict _831 [[buffer(5)]], const device Bias& _1634 [[buffer(6)]], const device Conv& _1690 [[buffer(7)]], const device ConvBias& _1655 [[buffer(8)]], device State& __restrict _1736 [[buffer(9)]], const device Batch& _178 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[704];
    threadgroup RowSequence row_sequence[8];
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint span = ((p.pitch + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), p.pitch);
    uint end = min((begin + span), p.pitch);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _750 / stride;
    uint words = held * stride;
    uint _763;
    uint alive;
    Taps expected;
    if ((first + sub) < last)
    {
        _763 = (first + sub) * OUTS;
    }
    else
    {
        _763 = p.outs;
    }
    uint m = _763;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = uint4(0u);
            bool _814 = w_ < end;
            bool _821;
            if (_814)
            {
                _821 = m_ < p.outs;
            }
            else
            {
                _821 = _814;
            }
            if (_821)
            {
                next[(i * AHEAD) + u] = _831.weight[(m_ * p.pitch) + w_];
            }
        }
    }
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((live_rows(p, _178) + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _884;
    float acc[32];
    float x[16];
    float gain[16];
    uint4 now[8];
    uint _1212;
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _884 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _884 = p.outs;
        }
        uint after = _884;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _915; i_1++)
            {
                acc[i_1] = 0.0;
            }
            float mine = 0.0;
            uint room = 0u;
            for (uint s = 0u; s < steps; s++)
            {
                uint w = begin + (s * stride);
                if (room == 0u)
                {
                    room = held;
                    if ((!once) || (g == first))
                    {
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                        uint team = _958;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint c0 = w * 8u;
                        uint _977 = min(words, (end - w)) * 8u;
                        uint _981 = at % team;
                        uint n = _977;
                        uint v0 = _981;
                        do
                        {
                            for (uint j = 0u; j < 16u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint c = c0 + v;
                                x[j] = 0.0;
                                bool _1012 = v < n;
                                bool _1019;
                                if (_1012)
                                {
                                    _1019 = t < p.rows;
                                }
                                else
                                {
                                    _1019 = _1012;
                                }
                                bool _1026;
                                if (_1019)
                                {
                                    _1026 = c < p.cols;
                                }
                                else
                                {
                                    _1026 = _1019;
                                }
                                if (_1026)
                                {
                                    uint param = t;
                                    uint param_1 = c;
                                    x[j] = source(param, param_1, p, _1540);
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 16u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint c_1 = c0 + v_1;
                                gain[j_1] = 0.0;
                                bool _1061 = v_1 < n;
                                bool _1068;
                                if (_1061)
                                {
                                    _1068 = c_1 < p.cols;
                                }
                                else
                                {
                                    _1068 = _1061;
                                }
                                if (_1068)
                                {
                                    uint param_2 = c_1;
                                    gain[j_1] = norm_weight(param_2, p, _1560);
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                alive = live_rows(p, _178);
                                uint param_3 = block;
                                prepare(param_3, p, _178, at, row_sequence);
                            }
                            for (uint j_2 = 0u; j_2 < 16u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                float param_4 = x[j_2];
                                float _1109 = rms_square(param_4);
                                mine += _1109;
                                x[j_2] *= gain[j_2];
                                if (v_2 < n)
                                {
                                    ((threadgroup float*)&tile[(((r * 2u) + ((v_2 / 4u) % 2u)) * words) + (v_2 / 8u)])[v_2 % 4u] = x[j_2];
                                }
                            }
                            v0 += (16u * team);
                        } while (v0 < n);
                        if ((s + held) >= steps)
                        {
                            float param_5 = mine;
                            put_squares(param_5, sub, lanes, at, lane, squares);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                    if (s == 0u)
                    {
                        uint param_6 = m;
                        uint param_7 = block;
                        expect(param_6, param_7, p, lane, row_sequence, _1634, _1655, _1690, _1736, expected);
                    }
                }
                for (uint i_2 = 0u; i_2 < _1180; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1206;
                if (!more)
                {
                    _1206 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1206 = more;
                }
                uint m_next = _1206 ? m : after;
                if (more)
                {
                    _1212 = w + stride;
                }
                else
                {
                    _1212 = begin;
                }
                uint w_next = _1212;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = uint4(0u);
                        bool _1256 = w_1 < end;
                        bool _1263;
                        if (_1256)
                        {
                            _1263 = m_1 < p.outs;
                        }
                        else
                        {
                            _1263 = _1256;
                        }
                        if (_1263)
                        {
                            next[(i_3 * AHEAD) + u_1] = _831.weight[(m_1 * p.pitch) + w_1];
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    if (((w + (u_2 * lanes)) + lane) < end)
                    {
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                            {
                                uint4 param_8 = now[(i_4 * AHEAD) + u_2];
                                uint param_9 = q;
                                y[i_4] = weight4(param_8, param_9);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[((((r_1 * 2u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    float4 param_10 = y[i_5];
                                    float4 param_11 = x_1;
                                    float param_12 = acc[(i_5 * ROWS) + r_1];
                                    acc[(i_5 * ROWS) + r_1] = dot_add(param_10, param_11, param_12);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_6 = 0u; i_6 < OUTS; i_6++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_6 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_13 = int(r_2);
                        uint param_14 = i_6;
                        sums[sum_at(param_13, param_14, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_15 = m;
            uint param_16 = block;
            finish(param_15, param_16, p, sub, lanes, lane, squares, alive, sums, row_sequence, _1634, _1655, _1690, _1736, expected, _1907, _2054);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

