#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint first;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint src_rows;
    uint from_off;
    uint from_stride;
    uint norm_off;
    float eps;
    uint pitch;
    uint live_off;
};

struct Live
{
    int live[1];
};

struct Weight
{
    uint4 weight[1];
};

constant uint _222_tmp [[function_constant(0)]];
constant uint _222 = is_function_constant_defined(_222_tmp) ? _222_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_222, 1u, 1u);
constant uint _226 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _228 = (_226 / ROWS);
constant uint _236 = gl_WorkGroupSize.x;
constant uint _237 = (_236 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _474 = (ROWS * 1u);
constant uint _475 = (TILE / _474);
constant uint _633 = (OUTS * ROWS);
constant uint _675 = gl_WorkGroupSize.x;
constant uint _676 = (_675 / ROWS);
constant uint _932 = (OUTS * AHEAD);

struct From
{
    uint from[1];
};

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

struct Dst
{
    uint dst[1];
};

static inline __attribute__((always_inline))
void start()
{
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _162)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_162.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _176)
{
    return _176.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 4u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _1249, const device Src& _1273)
{
    uint row = _1249.from[p.from_off + (t * p.from_stride)];
    float _1267;
    if (row < p.src_rows)
    {
        _1267 = _1273.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _1267 = 0.0;
    }
    return _1267;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1295)
{
    return _1295.norm[p.norm_off + c];
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
    return max((_228 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _237;
    uint parts = square_parts(lanes);
    uint _290;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _290 = sub % parts;
            }
            else
            {
                _290 = 0u;
            }
            squares[(r * parts) + _290] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block)
{
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    return as_type<float4>(chunk);
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
uint sum_at(thread const int& r, thread const uint& i, thread uint& sub)
{
    return (((sub * 8u) + uint(0 + r)) * 4u) + i;
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
uint ordered(thread const uint& bits)
{
    uint _1309;
    if ((bits & 2147483648u) != 0u)
    {
        _1309 = ~bits;
    }
    else
    {
        _1309 = bits | 2147483648u;
    }
    return _1309;
}

static inline __attribute__((always_inline))
uint number_key(thread const uint& bits)
{
    if ((bits & 2147483647u) > 2139095040u)
    {
        return 0u;
    }
    uint param = (bits == 2147483648u) ? 0u : bits;
    return ordered(param);
}

static inline __attribute__((always_inline))
void finish(thread uint& m, thread const uint& block, thread uint& part, thread bool& chosen, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], threadgroup float (&sums)[512], threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128])
{
    if (part > 0u)
    {
        m = p.outs;
    }
    uint _1358;
    uint _1372;
    for (uint r = lane; r < ROWS; r += lanes)
    {
        uint i = (sub * 8u) + r;
        if (chosen)
        {
            _1358 = best_key[i];
        }
        else
        {
            _1358 = 0u;
        }
        uint key = _1358;
        if (chosen)
        {
            _1372 = best_at[i];
        }
        else
        {
            _1372 = 0u;
        }
        uint where = _1372;
        uint param = r;
        float scale = row_scale(param, p, lanes, squares);
        uint k = 0u;
        for (;;)
        {
            bool _1392 = k < OUTS;
            bool _1401;
            if (_1392)
            {
                _1401 = (m + k) < p.outs;
            }
            else
            {
                _1401 = _1392;
            }
            if (_1401)
            {
                int param_1 = int(r);
                uint param_2 = k;
                uint param_3 = as_type<uint>(sums[sum_at(param_1, param_2, sub)] * scale);
                uint other = number_key(param_3);
                if (other > key)
                {
                    key = other;
                    where = (p.first + m) + k;
                }
                k++;
                continue;
            }
            else
            {
                break;
            }
        }
        best_key[i] = key;
        best_at[i] = where;
    }
    chosen = true;
}

static inline __attribute__((always_inline))
void conclude(thread bool& chosen, constant Params& p, thread uint& at, thread uint& subs, thread uint3& gl_WorkGroupID, threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128], device Dst& __restrict _1526)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint r = at;
    uint t = (gl_WorkGroupID.y * ROWS) + r;
    bool _1450 = r >= ROWS;
    bool _1458;
    if (!_1450)
    {
        _1458 = t >= p.rows;
    }
    else
    {
        _1458 = _1450;
    }
    if (_1458)
    {
        return;
    }
    uint key = 0u;
    uint where = 0u;
    for (uint s = 0u; chosen && (s < subs); s++)
    {
        uint k = best_key[(s * 8u) + r];
        uint w = best_at[(s * 8u) + r];
        bool _1491 = k > key;
        bool _1502;
        if (!_1491)
        {
            _1502 = (k == key) && (w < where);
        }
        else
        {
            _1502 = _1491;
        }
        if (_1502)
        {
            key = k;
            where = w;
        }
    }
    uint i = (p.dst_off + (t * p.dst_stride)) + (2u * gl_WorkGroupID.x);
    _1526.dst[i] = key;
    _1526.dst[i + 1u] = where;
}

kernel void head_argmax_f32_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1526 [[buffer(1)]], const device Src& _1273 [[buffer(2)]], const device From& _1249 [[buffer(3)]], const device Norm& _1295 [[buffer(4)]], const device Weight& __restrict _176 [[buffer(5)]], const device Live& _162 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    threadgroup uint best_key[128];
    threadgroup uint best_at[128];
    threadgroup uint pair_x[1];
    threadgroup uint pair_y[1];
    uint part = 0u;
    bool chosen = false;
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint member = lane;
    uint members = lanes;
    start();
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = chunks(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _475 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _162);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _510;
    if ((first + sub) < last)
    {
        _510 = (first + sub) * OUTS;
    }
    else
    {
        _510 = p.outs;
    }
    uint m = _510;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _560 = w_ < end;
            bool _567;
            if (_560)
            {
                _567 = m_ < p.outs;
            }
            else
            {
                _567 = _560;
            }
            if (_567)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _176);
            }
        }
    }
    uint _602;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _964;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _602 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _602 = p.outs;
        }
        uint after = _602;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _633; i_1++)
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
                        uint team = _676;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _692 = min(words, (end - w)) * 1u;
                        uint _696 = at % team;
                        uint quads = _692;
                        uint v0 = _696;
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
                                    bool _737 = v < quads;
                                    bool _744;
                                    if (_737)
                                    {
                                        _744 = t < p.rows;
                                    }
                                    else
                                    {
                                        _744 = _737;
                                    }
                                    bool _753;
                                    if (_744)
                                    {
                                        _753 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _753 = _744;
                                    }
                                    if (_753)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1249, _1273);
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
                                    bool _803 = v_1 < quads;
                                    bool _812;
                                    if (_803)
                                    {
                                        _812 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _812 = _803;
                                    }
                                    if (_812)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1295);
                                    }
                                }
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_13 = x[j_2][k_2];
                                    float _854 = rms_square(param_13);
                                    mine += _854;
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
                            float param_14 = mine;
                            put_squares(param_14, sub, lanes, at, lane, squares);
                        }
                        if (s == 0u)
                        {
                            uint param_15 = block;
                            prepare(param_15);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_16 = m;
                    uint param_17 = block;
                    expect(param_16, param_17);
                }
                for (uint i_2 = 0u; i_2 < _932; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _958;
                if (!more)
                {
                    _958 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _958 = more;
                }
                uint m_next = _958 ? m : after;
                if (more)
                {
                    _964 = w + stride;
                }
                else
                {
                    _964 = begin;
                }
                uint w_next = _964;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1009 = w_1 < end;
                        bool _1016;
                        if (_1009)
                        {
                            _1016 = m_1 < p.outs;
                        }
                        else
                        {
                            _1016 = _1009;
                        }
                        if (_1016)
                        {
                            uint param_18 = m_1;
                            uint param_19 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_18, param_19, p, _176);
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
                            uint4 param_20 = now[(i_4 * AHEAD) + u_2];
                            uint param_21 = wu;
                            scale[i_4] = scales_of(param_20, param_21);
                        }
                        for (uint q = 0u; q < 1u; q++)
                        {
                            for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                            {
                                uint4 param_22 = now[(i_5 * AHEAD) + u_2];
                                uint param_23 = scale[i_5];
                                uint param_24 = 0u;
                                uint param_25 = q;
                                y[i_5] = weight4(param_22, param_23, param_24, param_25);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[(((((r_1 * 1u) + 0u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                {
                                    float4 param_26 = y[i_6];
                                    float4 param_27 = x_1;
                                    float param_28 = acc[(i_6 * ROWS) + r_1];
                                    acc[(i_6 * ROWS) + r_1] = dot_add(param_26, param_27, param_28);
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
                        int param_29 = int(r_2);
                        uint param_30 = i_7;
                        sums[sum_at(param_29, param_30, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_31 = m;
            uint param_32 = block;
            finish(param_31, param_32, part, chosen, p, sub, lanes, lane, squares, sums, best_key, best_at);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude(chosen, p, at, subs, gl_WorkGroupID, best_key, best_at, _1526);
}

