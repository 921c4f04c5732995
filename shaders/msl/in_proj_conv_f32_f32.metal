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

constant uint _482_tmp [[function_constant(0)]];
constant uint _482 = is_function_constant_defined(_482_tmp) ? _482_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_482, 1u, 1u);
constant uint _485 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _487 = (_485 / ROWS);
constant uint _495 = gl_WorkGroupSize.x;
constant uint _496 = (_495 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _713 = (ROWS * 1u);
constant uint _714 = (TILE / _713);

struct Weight
{
    uint4 weight[1];
};

constant uint _881 = (OUTS * ROWS);
constant uint _923 = gl_WorkGroupSize.x;
constant uint _924 = (_923 / ROWS);
constant uint _1175 = (OUTS * AHEAD);

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

constant uint _1626 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Z
{
    float z[1];
};

constant uint _1737 = (OUTS * ROWS);

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

constant uint _1900 = (OUTS * ROWS);
constant uint _2045 = (3u * OUTS);
constant uint _2061 = (3u * OUTS);
constant int _2067 = int(ROWS + 0u);
constant uint _2078 = (3u * OUTS);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Batch& _137)
{
    return min(p.rows, uint(max(_137.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1460)
{
    return _1460.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1480)
{
    return _1480.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _137)
{
    return min(p.batch_records, uint(max(_137.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _137)
{
    return uint(_137.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _137)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _137), batch_word(param_2, param_3, p, _137), batch_word(param_4, param_5, p, _137), batch_word(param_6, param_7, p, _137) };
    bool _194 = s.from >= slots;
    bool _203;
    if (!_194)
    {
        _203 = s.to >= slots;
    }
    else
    {
        _203 = _194;
    }
    bool _212;
    if (!_203)
    {
        _212 = s.rows > rows;
    }
    else
    {
        _212 = _203;
    }
    bool _224;
    if (!_212)
    {
        _224 = s.first > (rows - s.rows);
    }
    else
    {
        _224 = _212;
    }
    if (_224)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, thread const uint& at, constant Params& p, const device Batch& _137, threadgroup RowSequence (&row_sequence)[8])
{
    if (at >= ROWS)
    {
        return;
    }
    uint seqs = batch_seqs(p, _137);
    uint t = first + at;
    RowSequence found = RowSequence{ 0u, 0u, 0u, 0u };
    for (uint q = 0u; q < p.batch_records; q++)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _137);
        bool _1526 = q < seqs;
        bool _1536;
        if (_1526)
        {
            _1536 = (t - s.first) < s.rows;
        }
        else
        {
            _1536 = _1526;
        }
        if (_1536)
        {
            found = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
        }
    }
    row_sequence[at] = found;
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block, constant Params& p, const device Batch& _137, thread uint& at, threadgroup RowSequence (&row_sequence)[8])
{
    uint param = block * ROWS;
    uint param_1 = at;
    find_sequences(param, param_1, p, _137, row_sequence);
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
    return max((_487 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _496;
    uint parts = square_parts(lanes);
    uint _547;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _547 = sub % parts;
            }
            else
            {
                _547 = 0u;
            }
            squares[(r * parts) + _547] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    return as_type<float4>(w);
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
float window(thread const RowSequence& s, thread const uint& block, thread const uint& i, thread const uint& held, thread const uint& ch, thread const uint& k, constant Params& p, thread uint& sub, threadgroup float (&sums)[704], device State& __restrict _1574)
{
    if (i < held)
    {
        return _1574.state[((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i];
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
    float _290;
    if (x < 0.0)
    {
        _290 = tail;
    }
    else
    {
        _290 = 1.0 - tail;
    }
    return _290;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], device State& __restrict _1574, const device Bias& _1678, device Z& __restrict _1709, const device ConvBias& _1805, const device Conv& _1829, device Dst& __restrict _1869)
{
    uint held = p.taps - 1u;
    for (uint e = lane; e < _1626; e += lanes)
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
            x += _1678.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        sums[sum_at(param_3, param_4, sub)] = x;
        if ((ch >= p.channels) && (t < alive))
        {
            _1709.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
        }
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    float _1798;
    for (uint e_1 = lane; e_1 < _1737; e_1 += lanes)
    {
        uint k_1 = e_1 % OUTS;
        uint r_1 = e_1 / OUTS;
        uint t_1 = (block * ROWS) + r_1;
        uint ch_1 = (p.first + m) + k_1;
        RowSequence s = row_sequence[r_1];
        bool _1763 = t_1 >= alive;
        bool _1771;
        if (!_1763)
        {
            _1771 = t_1 >= s.end;
        }
        else
        {
            _1771 = _1763;
        }
        bool _1781;
        if (!_1771)
        {
            _1781 = (m + k_1) >= p.outs;
        }
        else
        {
            _1781 = _1771;
        }
        bool _1789;
        if (!_1781)
        {
            _1789 = ch_1 >= p.channels;
        }
        else
        {
            _1789 = _1781;
        }
        if (_1789)
        {
            continue;
        }
        if (p.conv_bias_off == 4294967295u)
        {
            _1798 = 0.0;
        }
        else
        {
            _1798 = _1805.conv_bias[p.conv_bias_off + ch_1];
        }
        float sum = _1798;
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
                sum += (_1829.conv[(p.conv_off + (ch_1 * p.conv_stride)) + j] * window(param_5, param_6, param_7, param_8, param_9, param_10, p, sub, sums, _1574));
            }
        }
        uint param_11 = p.act;
        float param_12 = sum;
        _1869.dst[(p.dst_off + (t_1 * p.dst_stride)) + ch_1] = activate(param_11, param_12);
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    float x_1[3];
    for (uint e_2 = lane; e_2 < _1900; e_2 += lanes)
    {
        uint k_2 = e_2 % OUTS;
        uint r_2 = e_2 / OUTS;
        uint t_2 = (block * ROWS) + r_2;
        uint ch_2 = (p.first + m) + k_2;
        RowSequence s_1 = row_sequence[r_2];
        bool _1926 = t_2 >= alive;
        bool _1935;
        if (!_1926)
        {
            _1935 = (t_2 + 1u) != s_1.end;
        }
        else
        {
            _1935 = _1926;
        }
        bool _1945;
        if (!_1935)
        {
            _1945 = (m + k_2) >= p.outs;
        }
        else
        {
            _1945 = _1935;
        }
        bool _1953;
        if (!_1945)
        {
            _1953 = ch_2 >= p.channels;
        }
        else
        {
            _1953 = _1945;
        }
        if (_1953)
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
                x_1[j_1] = window(param_13, param_14, param_15, param_16, param_17, param_18, p, sub, sums, _1574);
            }
        }
        for (uint j_2 = 0u; j_2 < 3u; j_2++)
        {
            if (j_2 < held)
            {
                _1574.state[((p.state_off + (s_1.to * p.state_stride)) + (ch_2 * held)) + j_2] = x_1[j_2];
            }
        }
    }
    if (p.rows <= ROWS)
    {
        return;
    }
    float _2063;
    for (uint e0 = 0u; e0 < _2045; e0 += lanes)
    {
        uint e_3 = e0 + lane;
        uint k_3 = e_3 % OUTS;
        int r_3 = int(e_3 / OUTS) - 3;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2061)
        {
            int param_19 = r_3 + _2067;
            uint param_20 = k_3;
            _2063 = sums[sum_at(param_19, param_20, sub)];
        }
        else
        {
            _2063 = 0.0;
        }
        float x_2 = _2063;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2078)
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

kernel void in_proj_conv_f32_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1869 [[buffer(1)]], device Z& __restrict _1709 [[buffer(2)]], const device Src& _1460 [[buffer(3)]], const device Norm& _1480 [[buffer(4)]], const device Weight& __restrict _817 [[buffer(5)]], const device Bias& _1678 [[buffer(6)]], const device Conv& _1829 [[buffer(7)]], const device ConvBias& _1805 [[buffer(8)]], device State& __restrict _1574 [[buffer(9)]], const device Batch& _137 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    uint held = _714 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _137);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _749;
    if ((first + sub) < last)
    {
        _749 = (first + sub) * OUTS;
    }
    else
    {
        _749 = p.outs;
    }
    uint m = _749;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = uint4(0u);
            bool _800 = w_ < end;
            bool _807;
            if (_800)
            {
                _807 = m_ < p.outs;
            }
            else
            {
                _807 = _800;
            }
            if (_807)
            {
                next[(i * AHEAD) + u] = _817.weight[(m_ * p.pitch) + w_];
            }
        }
    }
    uint _850;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _1207;
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _850 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _850 = p.outs;
        }
        uint after = _850;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _881; i_1++)
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
                        uint team = _924;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _940 = min(words, (end - w)) * 1u;
                        uint _944 = at % team;
                        uint quads = _940;
                        uint v0 = _944;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint c = ((w * 1u) + v) * 4u;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _985 = v < quads;
                                    bool _992;
                                    if (_985)
                                    {
                                        _992 = t < p.rows;
                                    }
                                    else
                                    {
                                        _992 = _985;
                                    }
                                    bool _1001;
                                    if (_992)
                                    {
                                        _1001 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1001 = _992;
                                    }
                                    if (_1001)
                                    {
                                        uint param = t;
                                        uint param_1 = c + k;
                                        x[j][k] = source(param, param_1, p, _1460);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint c_1 = ((w * 1u) + v_1) * 4u;
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _1051 = v_1 < quads;
                                    bool _1060;
                                    if (_1051)
                                    {
                                        _1060 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _1060 = _1051;
                                    }
                                    if (_1060)
                                    {
                                        uint param_2 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_2, p, _1480);
                                    }
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                uint param_3 = block;
                                prepare(param_3, p, _137, at, row_sequence);
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_4 = x[j_2][k_2];
                                    float _1113 = rms_square(param_4);
                                    mine += _1113;
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
                            float param_5 = mine;
                            put_squares(param_5, sub, lanes, at, lane, squares);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _1175; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1201;
                if (!more)
                {
                    _1201 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1201 = more;
                }
                uint m_next = _1201 ? m : after;
                if (more)
                {
                    _1207 = w + stride;
                }
                else
                {
                    _1207 = begin;
                }
                uint w_next = _1207;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = uint4(0u);
                        bool _1251 = w_1 < end;
                        bool _1258;
                        if (_1251)
                        {
                            _1258 = m_1 < p.outs;
                        }
                        else
                        {
                            _1258 = _1251;
                        }
                        if (_1258)
                        {
                            next[(i_3 * AHEAD) + u_1] = _817.weight[(m_1 * p.pitch) + w_1];
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    if (((w + (u_2 * lanes)) + lane) < end)
                    {
                        for (uint q = 0u; q < 1u; q++)
                        {
                            for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                            {
                                uint4 param_6 = now[(i_4 * AHEAD) + u_2];
                                uint param_7 = q;
                                y[i_4] = weight4(param_6, param_7);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[((((r_1 * 1u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    float4 param_8 = y[i_5];
                                    float4 param_9 = x_1;
                                    float param_10 = acc[(i_5 * ROWS) + r_1];
                                    acc[(i_5 * ROWS) + r_1] = dot_add(param_8, param_9, param_10);
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
                        int param_11 = int(r_2);
                        uint param_12 = i_6;
                        sums[sum_at(param_11, param_12, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_13 = m;
            uint param_14 = block;
            finish(param_13, param_14, p, sub, lanes, lane, squares, alive, sums, row_sequence, _1574, _1678, _1709, _1805, _1829, _1869);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

