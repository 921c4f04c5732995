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
    uint states;
    uint dst_off;
    uint dst_stride;
    uint x_off;
    uint x_stride;
    uint dt_off;
    uint dt_stride;
    uint a_off;
    uint a_stride;
    uint b_off;
    uint b_stride;
    uint c_off;
    uint c_stride;
    uint d_off;
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

struct D
{
    float d[1];
};

struct State
{
    float state[1];
};

struct A
{
    float a[1];
};

struct X
{
    float x[1];
};

struct DT
{
    float dt[1];
};

struct B
{
    float b[1];
};

struct C
{
    float c[1];
};

struct Dst
{
    float dst[1];
};

constant uint _656_tmp [[function_constant(0)]];
constant uint _656 = is_function_constant_defined(_656_tmp) ? _656_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_656, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _52)
{
    return min(p.batch_records, uint(max(_52.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _52)
{
    return uint(_52.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _52)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _52), batch_word(param_2, param_3, p, _52), batch_word(param_4, param_5, p, _52), batch_word(param_6, param_7, p, _52) };
    bool _108 = s.from >= slots;
    bool _117;
    if (!_108)
    {
        _117 = s.to >= slots;
    }
    else
    {
        _117 = _108;
    }
    bool _126;
    if (!_117)
    {
        _126 = s.rows > rows;
    }
    else
    {
        _126 = _117;
    }
    bool _138;
    if (!_126)
    {
        _138 = s.first > (rows - s.rows);
    }
    else
    {
        _138 = _126;
    }
    if (_138)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
float log1p_unit(thread const float& e)
{
    float s = e / (2.0 + e);
    float q = s * s;
    float sum = 0.066666670143604278564453125;
    sum = (sum * q) + 0.076923079788684844970703125;
    sum = (sum * q) + 0.0909090936183929443359375;
    sum = (sum * q) + 0.111111111938953399658203125;
    sum = (sum * q) + 0.14285714924335479736328125;
    sum = (sum * q) + 0.20000000298023223876953125;
    sum = (sum * q) + 0.3333333432674407958984375;
    return 2.0 * (s + ((s * q) * sum));
}

static inline __attribute__((always_inline))
float softplus(thread const float& x)
{
    float param = exp(-abs(x));
    return fast::max(x, 0.0) + log1p_unit(param);
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _234;
    if (abs(x) < 0.125)
    {
        _234 = near;
    }
    else
    {
        _234 = exp(x);
    }
    return _234;
}

static inline __attribute__((always_inline))
void scan(thread const Sequence& s, thread const uint& ch, constant Params& p, const device D& _293, device State& __restrict _323, const device A& _343, const device X& _394, const device DT& _412, const device B& _485, const device C& _497, device Dst& _564)
{
    uint from = (p.state_off + (s.from * p.state_stride)) + (ch * p.states);
    uint to = (p.state_off + (s.to * p.state_stride)) + (ch * p.states);
    uint rates = p.a_off + (ch * p.a_stride);
    uint held = min(p.states, 16u);
    float skip = _293.d[p.d_off + ch];
    float h[16];
    float _317;
    float rate[16];
    float _337;
    for (uint n = 0u; n < 16u; n++)
    {
        if (n < held)
        {
            _317 = _323.state[from + n];
        }
        else
        {
            _317 = 0.0;
        }
        h[n] = _317;
        if (n < held)
        {
            _337 = _343.a[rates + n];
        }
        else
        {
            _337 = 0.0;
        }
        rate[n] = _337;
    }
    for (uint n_1 = 16u; n_1 < p.states; n_1++)
    {
        _323.state[to + n_1] = _323.state[from + n_1];
    }
    for (uint t = s.first; t < (s.first + s.rows); t++)
    {
        float u = _394.x[(p.x_off + (t * p.x_stride)) + ch];
        float param = _412.dt[(p.dt_off + (t * p.dt_stride)) + ch];
        float delta = softplus(param);
        float y = skip * u;
        float du = delta * u;
        uint bt = p.b_off + (t * p.b_stride);
        uint ct = p.c_off + (t * p.c_stride);
        for (uint n_2 = 0u; n_2 < 16u; n_2++)
        {
            if (n_2 < held)
            {
                float param_1 = delta * rate[n_2];
                h[n_2] = (decay(param_1) * h[n_2]) + (du * _485.b[bt + n_2]);
                y += (_497.c[ct + n_2] * h[n_2]);
            }
        }
        for (uint n_3 = 16u; n_3 < p.states; n_3++)
        {
            float param_2 = delta * _343.a[rates + n_3];
            float g = (decay(param_2) * _323.state[to + n_3]) + (du * _485.b[bt + n_3]);
            _323.state[to + n_3] = g;
            y += (_497.c[ct + n_3] * g);
        }
        _564.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
    }
    for (uint n_4 = 0u; n_4 < 16u; n_4++)
    {
        if (n_4 < held)
        {
            _323.state[to + n_4] = h[n_4];
        }
    }
}

kernel void scan_f32(constant Params& p [[buffer(0)]], device Dst& _564 [[buffer(1)]], const device X& _394 [[buffer(2)]], const device DT& _412 [[buffer(3)]], const device A& _343 [[buffer(4)]], const device B& _485 [[buffer(5)]], const device C& _497 [[buffer(6)]], const device D& _293 [[buffer(7)]], device State& __restrict _323 [[buffer(8)]], const device Batch& _52 [[buffer(9)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _52);
    for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _52);
        if (s.rows == 0u)
        {
            continue;
        }
        for (uint ch = gl_GlobalInvocationID.x; ch < p.cols; ch += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            Sequence param_3 = s;
            uint param_4 = ch;
            scan(param_3, param_4, p, _293, _323, _343, _394, _412, _485, _497, _564);
        }
    }
}

