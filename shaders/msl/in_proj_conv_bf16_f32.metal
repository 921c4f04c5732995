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

constant uint _522_tmp [[function_constant(0)]];
constant uint _522 = is_function_constant_defined(_522_tmp) ? _522_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_522, 1u, 1u);
constant uint _525 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _527 = (_525 / ROWS);
constant uint _535 = gl_WorkGroupSize.x;
constant uint _536 = (_535 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _753 = (ROWS * 2u);
constant uint _754 = (TILE / _753);

struct Weight
{
    uint4 weight[1];
};

constant uint _919 = (OUTS * ROWS);
constant uint _961 = gl_WorkGroupSize.x;
constant uint _962 = (_961 / ROWS);
constant uint _1184 = (OUTS * AHEAD);

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

constant uint _1603 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct ConvBias
{
    float conv_bias[1];
};

constant uint _1669 = (ROWS - 1u);

struct Conv
{
    float conv[1];
};

struct State
{
    float state[1];
};

constant uint _1829 = (OUTS * ROWS);

struct Z
{
    float z[1];
};

constant uint _1938 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

constant uint _2088 = (OUTS * ROWS);
constant uint _2228 = (3u * OUTS);
constant uint _2244 = (3u * OUTS);
constant int _2250 = int(ROWS + 0u);
constant uint _2261 = (3u * OUTS);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Batch& _182)
{
    return min(p.rows, uint(max(_182.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1544)
{
    return _1544.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1564)
{
    return _1564.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _182)
{
    return min(p.batch_records, uint(max(_182.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _182)
{
    return uint(_182.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _182)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _182), batch_word(param_2, param_3, p, _182), batch_word(param_4, param_5, p, _182), batch_word(param_6, param_7, p, _182) };
    bool _235 = s.from >= slots;
    bool _244;
    if (!_235)
    {
        _244 = s.to >= slots;
    }
    else
    {
        _244 = _235;
    }
    bool _253;
    if (!_244)
    {
        _253 = s.rows > rows;
    }
    else
    {
        _253 = _244;
    }
    bool _265;
    if (!_253)
    {
        _265 = s.first > (rows - s.rows);
    }
    else
    {
        _265 = _253;
    }
    if (_265)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, thread const uint& at, constant Params& p, const device Batch& _182, threadgroup RowSequence (&row_sequence)[8])
{
    if (at >= ROWS)
    {
        return;
    }
    uint seqs = batch_seqs(p, _182);
    uint t = first + at;
    RowSequence found = RowSequence{ 0u, 0u, 0u, 0u };
    for (uint q = 0u; q < p.batch_records; q++)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _182);
        bool _1507 = q < seqs;
        bool _1517;
        if (_1507)
        {
            _1517 = (t - s.first) < s.rows;
        }
        else
        {
            _1517 = _1507;
        }
        if (_1517)
        {
            found = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
        }
    }
    row_sequence[at] = found;
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block, constant Params& p, const device Batch& _182, thread uint& at, threadgroup RowSequence (&row_sequence)[8])
{
    uint param = block * ROWS;
    uint param_1 = at;
    find_sequences(param, param_1, p, _182, row_sequence);
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
    return max((_527 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _536;
    uint parts = square_parts(lanes);
    uint _587;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _587 = sub % parts;
            }
            else
            {
                _587 = 0u;
            }
            squares[(r * parts) + _587] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
Taps taps(thread const uint& m, thread const uint& block, thread const uint& e, constant Params& p, threadgroup RowSequence (&row_sequence)[8], const device Bias& _1638, const device ConvBias& _1659, const device Conv& _1694, device State& __restrict _1739)
{
    Taps s;
    s.bias0 = 0.0;
    s.in_bias = 0.0;
    uint k = e % OUTS;
    uint r = e / OUTS;
    uint ch = (p.first + m) + k;
    uint held = p.taps - 1u;
    bool _1604 = e < _1603;
    bool _1613;
    if (_1604)
    {
        _1613 = (m + k) < p.outs;
    }
    else
    {
        _1613 = _1604;
    }
    bool used = _1613;
    bool _1623;
    if (used)
    {
        _1623 = ch < p.channels;
    }
    else
    {
        _1623 = used;
    }
    bool conved = _1623;
    bool _1632;
    if (used)
    {
        _1632 = p.bias_off != 4294967295u;
    }
    else
    {
        _1632 = used;
    }
    if (_1632)
    {
        s.in_bias = _1638.bias0[p.bias_off + ch];
    }
    bool _1653;
    if (conved)
    {
        _1653 = p.conv_bias_off != 4294967295u;
    }
    else
    {
        _1653 = conved;
    }
    if (_1653)
    {
        s.bias0 = _1659.conv_bias[p.conv_bias_off + ch];
    }
    RowSequence q = row_sequence[min(r, _1669)];
    for (uint j = 0u; j <= 3u; j++)
    {
        s.weight[j] = 0.0;
        if (conved && (j <= held))
        {
            s.weight[j] = _1694.conv[(p.conv_off + (ch * p.conv_stride)) + j];
        }
    }
    for (uint j_1 = 0u; j_1 < 3u; j_1++)
    {
        s.state[j_1] = 0.0;
        bool _1724 = conved && (j_1 < held);
        bool _1732;
        if (_1724)
        {
            _1732 = q.end > q.first;
        }
        else
        {
            _1732 = _1724;
        }
        if (_1732)
        {
            s.state[j_1] = _1739.state[((p.state_off + (q.from * p.state_stride)) + (ch * held)) + j_1];
        }
    }
    return s;
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& lane, threadgroup RowSequence (&row_sequence)[8], const device Bias& _1638, const device ConvBias& _1659, const device Conv& _1694, device State& __restrict _1739, thread Taps& expected)
{
    uint param = m;
    uint param_1 = block;
    uint param_2 = lane;
    expected = taps(param, param_1, param_2, p, row_sequence, _1638, _1659, _1694, _1739);
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
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
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
    float _1797;
    if (i == 0u)
    {
        _1797 = s.state[0];
    }
    else
    {
        float _1805;
        if (i == 1u)
        {
            _1805 = s.state[1];
        }
        else
        {
            _1805 = s.state[2];
        }
        _1797 = _1805;
    }
    return _1797;
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
    float _331;
    if (x < 0.0)
    {
        _331 = tail;
    }
    else
    {
        _331 = 1.0 - tail;
    }
    return _331;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], const device Bias& _1638, const device ConvBias& _1659, const device Conv& _1694, device State& __restrict _1739, thread Taps& expected, device Z& __restrict _1910, device Dst& __restrict _2057)
{
    uint held = p.taps - 1u;
    Taps _1874;
    for (uint e = lane; e < _1829; e += lanes)
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
            _1874 = expected;
        }
        else
        {
            uint param_3 = m;
            uint param_4 = block;
            uint param_5 = e;
            _1874 = taps(param_3, param_4, param_5, p, row_sequence, _1638, _1659, _1694, _1739);
        }
        float x = (sums[sum_at(param, param_1, sub)] * row_scale(param_2, p, lanes, squares)) + _1874.in_bias;
        int param_6 = int(r);
        uint param_7 = k;
        sums[sum_at(param_6, param_7, sub)] = x;
        if ((ch >= p.channels) && (t < alive))
        {
            _1910.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
        }
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    Taps _1998;
    for (uint e_1 = lane; e_1 < _1938; e_1 += lanes)
    {
        uint k_1 = e_1 % OUTS;
        uint r_1 = e_1 / OUTS;
        uint t_1 = (block * ROWS) + r_1;
        uint ch_1 = (p.first + m) + k_1;
        RowSequence q = row_sequence[r_1];
        bool _1964 = t_1 >= alive;
        bool _1972;
        if (!_1964)
        {
            _1972 = t_1 >= q.end;
        }
        else
        {
            _1972 = _1964;
        }
        bool _1982;
        if (!_1972)
        {
            _1982 = (m + k_1) >= p.outs;
        }
        else
        {
            _1982 = _1972;
        }
        bool _1990;
        if (!_1982)
        {
            _1990 = ch_1 >= p.channels;
        }
        else
        {
            _1990 = _1982;
        }
        if (_1990)
        {
            continue;
        }
        if (e_1 < lanes)
        {
            _1998 = expected;
        }
        else
        {
            uint param_8 = m;
            uint param_9 = block;
            uint param_10 = e_1;
            _1998 = taps(param_8, param_9, param_10, p, row_sequence, _1638, _1659, _1694, _1739);
        }
        Taps s = _1998;
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
        _2057.dst[(p.dst_off + (t_1 * p.dst_stride)) + ch_1] = activate(param_17, param_18);
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    Taps _2149;
    for (uint e_2 = lane; e_2 < _2088; e_2 += lanes)
    {
        uint k_2 = e_2 % OUTS;
        uint r_2 = e_2 / OUTS;
        uint t_2 = (block * ROWS) + r_2;
        uint ch_2 = (p.first + m) + k_2;
        RowSequence q_1 = row_sequence[r_2];
        bool _2114 = t_2 >= alive;
        bool _2123;
        if (!_2114)
        {
            _2123 = (t_2 + 1u) != q_1.end;
        }
        else
        {
            _2123 = _2114;
        }
        bool _2133;
        if (!_2123)
        {
            _2133 = (m + k_2) >= p.outs;
        }
        else
        {
            _2133 = _2123;
        }
        bool _2141;
        if (!_2133)
        {
            _2141 = ch_2 >= p.channels;
        }
        else
        {
            _2141 = _2133;
        }
        if (_2141)
        {
            continue;
        }
        if (e_2 < lanes)
        {
            _2149 = expected;
        }
        else
        {
            uint param_19 = m;
            uint param_20 = block;
            uint param_21 = e_2;
            _2149 = taps(param_19, param_20, param_21, p, row_sequence, _1638, _1659, _1694, _1739);
        }
        Taps s_1 = _2149;
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
                _1739.state[((p.state_off + (q_1.to * p.state_stride)) + (ch_2 * held)) + j_1] = window(param_22, param_23, param_24, param_25, param_26, param_27, sub, sums);
            }
        }
    }
    if (p.rows <= ROWS)
    {
        return;
    }
    float _2246;
    for (uint e0 = 0u; e0 < _2228; e0 += lanes)
    {
        uint e_3 = e0 + lane;
        uint k_3 = e_3 % OUTS;
        int r_3 = int(e_3 / OUTS) - 3;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2244)
        {
            int param_28 = r_3 + _2250;
            uint param_29 = k_3;
            _2246 = sums[sum_at(param_28, param_29, sub)];
        }
        else
        {
            _2246 = 0.0;
        }
        float x_1 = _2246;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2261)
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

kernel void in_proj_conv_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2057 [[buffer(1)]], device Z& __restrict _1910 [[buffer(2)]], const device Src& _1544 [[buffer(3)]], const device Norm& _1564 [[buffer(4)]], const device Weight& __restrict _835 [[buffer(5)]], const device Bias& _1638 [[buffer(6)]], const device Conv& _1694 [[buffer(7)]], const device ConvBias& _1659 [[buffer(8)]], device State& __restrict _1739 [[buffer(9)]], const device Batch& _182 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    uint held = _754 / stride;
    uint words = held * stride;
    uint _767;
    uint alive;
    Taps expected;
    if ((first + sub) < last)
    {
        _767 = (first + sub) * OUTS;
    }
    else
    {
        _767 = p.outs;
    }
    uint m = _767;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = uint4(0u);
            bool _818 = w_ < end;
            bool _825;
            if (_818)
            {
                _825 = m_ < p.outs;
            }
            else
            {
                _825 = _818;
            }
            if (_825)
            {
                next[(i * AHEAD) + u] = _835.weight[(m_ * p.pitch) + w_];
            }
        }
    }
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((live_rows(p, _182) + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _888;
    float acc[32];
    float x[16];
    float gain[16];
    uint4 now[8];
    uint _1216;
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _888 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _888 = p.outs;
        }
        uint after = _888;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _919; i_1++)
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
                        uint team = _962;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint c0 = w * 8u;
                        uint _981 = min(words, (end - w)) * 8u;
                        uint _985 = at % team;
                        uint n = _981;
                        uint v0 = _985;
                        do
                        {
                            for (uint j = 0u; j < 16u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint c = c0 + v;
                                x[j] = 0.0;
                                bool _1016 = v < n;
                                bool _1023;
                                if (_1016)
                                {
                                    _1023 = t < p.rows;
                                }
                                else
                                {
                                    _1023 = _1016;
                                }
                                bool _1030;
                                if (_1023)
                                {
                                    _1030 = c < p.cols;
                                }
                                else
                                {
                                    _1030 = _1023;
                                }
                                if (_1030)
                                {
                                    uint param = t;
                                    uint param_1 = c;
                                    x[j] = source(param, param_1, p, _1544);
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 16u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint c_1 = c0 + v_1;
                                gain[j_1] = 0.0;
                                bool _1065 = v_1 < n;
                                bool _1072;
                                if (_1065)
                                {
                                    _1072 = c_1 < p.cols;
                                }
                                else
                                {
                                    _1072 = _1065;
                                }
                                if (_1072)
                                {
                                    uint param_2 = c_1;
                                    gain[j_1] = norm_weight(param_2, p, _1564);
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                alive = live_rows(p, _182);
                                uint param_3 = block;
                                prepare(param_3, p, _182, at, row_sequence);
                            }
                            for (uint j_2 = 0u; j_2 < 16u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                float param_4 = x[j_2];
                                float _1113 = rms_square(param_4);
                                mine += _1113;
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
                        expect(param_6, param_7, p, lane, row_sequence, _1638, _1659, _1694, _1739, expected);
                    }
                }
                for (uint i_2 = 0u; i_2 < _1184; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1210;
                if (!more)
                {
                    _1210 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1210 = more;
                }
                uint m_next = _1210 ? m : after;
                if (more)
                {
                    _1216 = w + stride;
                }
                else
                {
                    _1216 = begin;
                }
                uint w_next = _1216;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = uint4(0u);
                        bool _1260 = w_1 < end;
                        bool _1267;
                        if (_1260)
                        {
                            _1267 = m_1 < p.outs;
                        }
                        else
                        {
                            _1267 = _1260;
                        }
                        if (_1267)
                        {
                            next[(i_3 * AHEAD) + u_1] = _835.weight[(m_1 * p.pitch) + w_1];
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
            finish(param_15, param_16, p, sub, lanes, lane, squares, alive, sums, row_sequence, _1638, _1659, _1694, _1739, expected, _1910, _2057);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

