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

struct RowSequence
{
    uint first;
    uint end;
    uint from;
    uint to;
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

struct Weight
{
    uint4 weight[1];
};

constant uint _540_tmp [[function_constant(0)]];
constant uint _540 = is_function_constant_defined(_540_tmp) ? _540_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_540, 1u, 1u);
constant uint _543 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _545 = (_543 / ROWS);
constant uint _553 = gl_WorkGroupSize.x;
constant uint _554 = (_553 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _781 = (ROWS * 1u);
constant uint _782 = (TILE / _781);
constant uint _941 = (OUTS * ROWS);
constant uint _983 = gl_WorkGroupSize.x;
constant uint _984 = (_983 / ROWS);
constant uint _1235 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

struct State
{
    float state[1];
};

constant uint _1717 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Z
{
    float z[1];
};

constant uint _1828 = (OUTS * ROWS);

struct ConvBias
{
    float conv_bias[1];
};

struct Conv
{
    float conv[1];
};

struct Dst
{
    float dst[1];
};

constant uint _1991 = (OUTS * ROWS);
constant uint _2136 = (3u * OUTS);
constant uint _2152 = (3u * OUTS);
constant int _2158 = int(ROWS + 0u);
constant uint _2169 = (3u * OUTS);

static inline __attribute__((always_inline))
void open_weight(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Batch& _181)
{
    return min(p.rows, uint(max(_181.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
uint4 no_piece()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 piece(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _493)
{
    return _493.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 4u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1551)
{
    return _1551.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1571)
{
    return _1571.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _181)
{
    return min(p.batch_records, uint(max(_181.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _181)
{
    return uint(_181.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _181)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _181), batch_word(param_2, param_3, p, _181), batch_word(param_4, param_5, p, _181), batch_word(param_6, param_7, p, _181) };
    bool _237 = s.from >= slots;
    bool _246;
    if (!_237)
    {
        _246 = s.to >= slots;
    }
    else
    {
        _246 = _237;
    }
    bool _255;
    if (!_246)
    {
        _255 = s.rows > rows;
    }
    else
    {
        _255 = _246;
    }
    bool _267;
    if (!_255)
    {
        _267 = s.first > (rows - s.rows);
    }
    else
    {
        _267 = _255;
    }
    if (_267)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, thread const uint& at, constant Params& p, const device Batch& _181, threadgroup RowSequence (&row_sequence)[8])
{
    if (at >= ROWS)
    {
        return;
    }
    uint seqs = batch_seqs(p, _181);
    uint t = first + at;
    RowSequence found = RowSequence{ 0u, 0u, 0u, 0u };
    for (uint q = 0u; q < p.batch_records; q++)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _181);
        bool _1617 = q < seqs;
        bool _1627;
        if (_1617)
        {
            _1627 = (t - s.first) < s.rows;
        }
        else
        {
            _1627 = _1617;
        }
        if (_1627)
        {
            found = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
        }
    }
    row_sequence[at] = found;
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block, constant Params& p, const device Batch& _181, thread uint& at, threadgroup RowSequence (&row_sequence)[8])
{
    uint param = block * ROWS;
    uint param_1 = at;
    find_sequences(param, param_1, p, _181, row_sequence);
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
    return max((_545 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _554;
    uint parts = square_parts(lanes);
    uint _605;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _605 = sub % parts;
            }
            else
            {
                _605 = 0u;
            }
            squares[(r * parts) + _605] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
uint scale_of(thread const uint4& v, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& v, thread const uint& s, thread const uint& run, thread const uint& q)
{
    return as_type<float4>(v);
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
float window(thread const RowSequence& s, thread const uint& block, thread const uint& i, thread const uint& held, thread const uint& ch, thread const uint& k, constant Params& p, thread uint& sub, threadgroup float (&sums)[704], device State& __restrict _1665)
{
    if (i < held)
    {
        return _1665.state[((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i];
    }
    int param = int((s.first + i) - held) - int(block * ROWS);
    uint param_1 = k;
    return sums[sum_at(param, param_1, sub)];
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
    float _333;
    if (x < 0.0)
    {
        _333 = tail;
    }
    else
    {
        _333 = 1.0 - tail;
    }
    return _333;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], device State& __restrict _1665, const device Bias& _1769, device Z& __restrict _1800, const device ConvBias& _1896, const device Conv& _1920, device Dst& __restrict _1960)
{
    uint held = p.taps - 1u;
    for (uint e = lane; e < _1717; e += lanes)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        if ((m + k) >= p.outs)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        uint param_2 = r;
        float x = sums[sum_at(param, param_1, sub)] * row_scale(param_2, p, lanes, squares);
        uint ch = (p.first + m) + k;
        if (p.bias_off != 4294967295u)
        {
            x += _1769.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        sums[sum_at(param_3, param_4, sub)] = x;
        if ((ch >= p.channels) && (t < alive))
        {
            _1800.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
        }
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    float _1889;
    for (uint e_1 = lane; e_1 < _1828; e_1 += lanes)
    {
        uint k_1 = e_1 % OUTS;
        uint r_1 = e_1 / OUTS;
        uint t_1 = (block * ROWS) + r_1;
        uint ch_1 = (p.first + m) + k_1;
        RowSequence s = row_sequence[r_1];
        bool _1854 = t_1 >= alive;
        bool _1862;
        if (!_1854)
        {
            _1862 = t_1 >= s.end;
        }
        else
        {
            _1862 = _1854;
        }
        bool _1872;
        if (!_1862)
        {
            _1872 = (m + k_1) >= p.outs;
        }
        else
        {
            _1872 = _1862;
        }
        bool _1880;
        if (!_1872)
        {
            _1880 = ch_1 >= p.channels;
        }
        else
        {
            _1880 = _1872;
        }
        if (_1880)
        {
            continue;
        }
        if (p.conv_bias_off == 4294967295u)
        {
            _1889 = 0.0;
        }
        else
        {
            _1889 = _1896.conv_bias[p.conv_bias_off + ch_1];
        }
        float sum = _1889;
        for (uint j = 0u; j <= 3u; j++)
        {
            if (j <= held)
            {
                RowSequence param_5 = s;
                uint param_6 = block;
                uint param_7 = (t_1 - s.first) + j;
                uint param_8 = held;
                uint param_9 = ch_1;
                uint param_10 = k_1;
                sum += (_1920.conv[(p.conv_off + (ch_1 * p.conv_stride)) + j] * window(param_5, param_6, param_7, param_8, param_9, param_10, p, sub, sums, _1665));
            }
        }
        uint param_11 = p.act;
        float param_12 = sum;
        _1960.dst[(p.dst_off + (t_1 * p.dst_stride)) + ch_1] = activate(param_11, param_12);
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    float x_1[3];
    for (uint e_2 = lane; e_2 < _1991; e_2 += lanes)
    {
        uint k_2 = e_2 % OUTS;
        uint r_2 = e_2 / OUTS;
        uint t_2 = (block * ROWS) + r_2;
        uint ch_2 = (p.first + m) + k_2;
        RowSequence s_1 = row_sequence[r_2];
        bool _2017 = t_2 >= alive;
        bool _2026;
        if (!_2017)
        {
            _2026 = (t_2 + 1u) != s_1.end;
        }
        else
        {
            _2026 = _2017;
        }
        bool _2036;
        if (!_2026)
        {
            _2036 = (m + k_2) >= p.outs;
        }
        else
        {
            _2036 = _2026;
        }
        bool _2044;
        if (!_2036)
        {
            _2044 = ch_2 >= p.channels;
        }
        else
        {
            _2044 = _2036;
        }
        if (_2044)
        {
            continue;
        }
        for (uint j_1 = 0u; j_1 < 3u; j_1++)
        {
            if (j_1 < held)
            {
                RowSequence param_13 = s_1;
                uint param_14 = block;
                uint param_15 = ((t_2 + 1u) - s_1.first) + j_1;
                uint param_16 = held;
                uint param_17 = ch_2;
                uint param_18 = k_2;
                x_1[j_1] = window(param_13, param_14, param_15, param_16, param_17, param_18, p, sub, sums, _1665);
            }
        }
        for (uint j_2 = 0u; j_2 < 3u; j_2++)
        {
            if (j_2 < held)
            {
                _1665.state[((p.state_off + (s_1.to * p.state_stride)) + (ch_2 * held)) + j_2] = x_1[j_2];
            }
        }
    }
    if (p.rows <= ROWS)
    {
        return;
    }
    float _2154;
    for (uint e0 = 0u; e0 < _2136; e0 += lanes)
    {
        uint e_3 = e0 + lane;
        uint k_3 = e_3 % OUTS;
        int r_3 = int(e_3 / OUTS) - 3;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2152)
        {
            int param_19 = r_3 + _2158;
            uint param_20 = k_3;
            _2154 = sums[sum_at(param_19, param_20, sub)];
        }
        else
        {
            _2154 = 0.0;
        }
        float x_2 = _2154;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2169)
        {
            int param_21 = r_3;
            uint param_22 = k_3;
            sums[sum_at(param_21, param_22, sub)] = x_2;
        }
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void in_proj_conv_f32_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1960 [[buffer(1)]], device Z& __restrict _1800 [[buffer(2)]], const device Src& _1551 [[buffer(3)]], const device Norm& _1571 [[buffer(4)]], const device Weight& __restrict _493 [[buffer(5)]], const device Bias& _1769 [[buffer(6)]], const device Conv& _1920 [[buffer(7)]], const device ConvBias& _1896 [[buffer(8)]], device State& __restrict _1665 [[buffer(9)]], const device Batch& _181 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    uint param = p.outs;
    uint param_1 = at;
    open_weight(param, param_1);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = pieces(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _782 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _181);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _817;
    if ((first + sub) < last)
    {
        _817 = (first + sub) * OUTS;
    }
    else
    {
        _817 = p.outs;
    }
    uint m = _817;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_piece();
            bool _868 = w_ < end;
            bool _875;
            if (_868)
            {
                _875 = m_ < p.outs;
            }
            else
            {
                _875 = _868;
            }
            if (_875)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = piece(param_4, param_5, p, _493);
            }
        }
    }
    uint _910;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _1267;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _910 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _910 = p.outs;
        }
        uint after = _910;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _941; i_1++)
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
                        uint team = _984;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1000 = min(words, (end - w)) * 1u;
                        uint _1004 = at % team;
                        uint quads = _1000;
                        uint v0 = _1004;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint c = column(param_6, param_7);
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1045 = v < quads;
                                    bool _1052;
                                    if (_1045)
                                    {
                                        _1052 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1052 = _1045;
                                    }
                                    bool _1061;
                                    if (_1052)
                                    {
                                        _1061 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1061 = _1052;
                                    }
                                    if (_1061)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1551);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint param_10 = w;
                                uint param_11 = v_1;
                                uint c_1 = column(param_10, param_11);
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _1111 = v_1 < quads;
                                    bool _1120;
                                    if (_1111)
                                    {
                                        _1120 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _1120 = _1111;
                                    }
                                    if (_1120)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1571);
                                    }
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                uint param_13 = block;
                                prepare(param_13, p, _181, at, row_sequence);
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_14 = x[j_2][k_2];
                                    float _1173 = rms_square(param_14);
                                    mine += _1173;
                                }
                                x[j_2] *= gain[j_2];
                                if (v_2 < quads)
                                {
                                    tile[(((r * 1u) + (v_2 % 1u)) * words) + (v_2 / 1u)] = x[j_2];
                                }
                            }
                            v0 += (4u * team);
                        } while (v0 < quads);
                        if ((s + held) >= steps)
                        {
                            float param_15 = mine;
                            put_squares(param_15, sub, lanes, at, lane, squares);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _1235; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1261;
                if (!more)
                {
                    _1261 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1261 = more;
                }
                uint m_next = _1261 ? m : after;
                if (more)
                {
                    _1267 = w + stride;
                }
                else
                {
                    _1267 = begin;
                }
                uint w_next = _1267;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_piece();
                        bool _1312 = w_1 < end;
                        bool _1319;
                        if (_1312)
                        {
                            _1319 = m_1 < p.outs;
                        }
                        else
                        {
                            _1319 = _1312;
                        }
                        if (_1319)
                        {
                            uint param_16 = m_1;
                            uint param_17 = w_1;
                            next[(i_3 * AHEAD) + u_1] = piece(param_16, param_17, p, _493);
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    uint wu = (w + (u_2 * lanes)) + lane;
                    if (wu < end)
                    {
                        for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                        {
                            uint4 param_18 = now[(i_4 * AHEAD) + u_2];
                            uint param_19 = wu;
                            scale[i_4] = scale_of(param_18, param_19);
                        }
                        for (uint q = 0u; q < 1u; q++)
                        {
                            for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                            {
                                uint4 param_20 = now[(i_5 * AHEAD) + u_2];
                                uint param_21 = scale[i_5];
                                uint param_22 = 0u;
                                uint param_23 = q;
                                y[i_5] = weight4(param_20, param_21, param_22, param_23);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[(((((r_1 * 1u) + 0u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                {
                                    float4 param_24 = y[i_6];
                                    float4 param_25 = x_1;
                                    float param_26 = acc[(i_6 * ROWS) + r_1];
                                    acc[(i_6 * ROWS) + r_1] = dot_add(param_24, param_25, param_26);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_7 = 0u; i_7 < OUTS; i_7++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_7 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_27 = int(r_2);
                        uint param_28 = i_7;
                        sums[sum_at(param_27, param_28, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_29 = m;
            uint param_30 = block;
            finish(param_29, param_30, p, sub, lanes, lane, squares, alive, sums, row_sequence, _1665, _1769, _1800, _1896, _1920, _1960);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

