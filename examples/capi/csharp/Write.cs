// Write goes on with a text.
//
//     mcs Write.cs && LD_LIBRARY_PATH=… mono Write.exe [MODEL [PROMPT]]        (or a dotnet project of this file)
using System;
using System.Runtime.InteropServices;
using System.Text;

static class Write
{
    const string Library = "falconmamba"; // libfalconmamba.so; on Windows name libfalconmamba-1

    [StructLayout(LayoutKind.Sequential)]
    struct Error
    {
        public int Status;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 1020)] public byte[] Message;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct OpenOptions // as much of fm_open_options as is used
    {
        public uint StructSize, Flags;
        public IntPtr Backend;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct GenerateOptions // as much of fm_generate_options as is used
    {
        public uint StructSize, Flags;
        public long MaxTokens;
        public ulong Seed;
        public float Temperature, TopP, MinP;
        public int TopK;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Token
    {
        public int Id, Reserved;
        public IntPtr Text;
        public UIntPtr Size;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int TokenFunc(IntPtr user, ref Token token);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int fm_model_open(byte[] name, ref OpenOptions o, out IntPtr model, out Error err);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int fm_model_free(IntPtr model);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int fm_model_defaults(IntPtr model, ref GenerateOptions o, out Error err);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int fm_session_new(IntPtr model, out IntPtr session, out Error err);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int fm_session_free(IntPtr session);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    static extern int fm_session_generate(IntPtr session, byte[] prompt, ref GenerateOptions o, TokenFunc each,
        IntPtr user, out Error err);

    static byte[] Utf8(string s) { return s == null ? null : Encoding.UTF8.GetBytes(s + "\0"); }

    static void Must(int status, Error err)
    {
        if (status < 0)
            throw new Exception(Encoding.UTF8.GetString(err.Message).Split('\0')[0]);
    }

    // No exception may leave a callback: another result than 0 ends the text.
    static int Print(IntPtr user, ref Token token)
    {
        var text = new byte[(int)token.Size];
        Marshal.Copy(token.Text, text, 0, text.Length);
        Console.OpenStandardOutput().Write(text, 0, text.Length);
        return 0;
    }

    static void Main(string[] args)
    {
        Error err;
        IntPtr model, session;
        var device = Environment.GetEnvironmentVariable("FM_BACKEND");
        var open = new OpenOptions { StructSize = (uint)Marshal.SizeOf(typeof(OpenOptions)),
            Backend = device == null ? IntPtr.Zero : Marshal.StringToHGlobalAnsi(device) };
        Must(fm_model_open(Utf8(args.Length > 0 ? args[0] : null), ref open, out model, out err), err);
        Must(fm_session_new(model, out session, out err), err);
        var how = new GenerateOptions { StructSize = (uint)Marshal.SizeOf(typeof(GenerateOptions)) };
        Must(fm_model_defaults(model, ref how, out err), err);
        how.MaxTokens = 40;
        how.Temperature = 0.7f;
        how.Seed = 3;
        TokenFunc each = Print; // a delegate must live as long as the call
        Must(fm_session_generate(session, Utf8(args.Length > 1 ? args[1] : "ROMEO:\n"), ref how, each, IntPtr.Zero, out err),
            err);
        GC.KeepAlive(each);
        Console.WriteLine();
        fm_session_free(session);
        fm_model_free(model);
    }
}
