using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.Native;

public class DescriptorSocketTests
{
    [Fact]
    public void Descriptors_arrive_with_the_first_byte_of_their_message_and_work()
    {
        (DescriptorSocket first, DescriptorSocket second) = DescriptorSocket.CreatePair();
        using DescriptorSocket a = first, b = second;
        using NotifyDescriptor bell = NotifyDescriptor.Create();
        Assert.Equal(SocketStatus.Ok, a.Send([1, 2, 3, 4], bell.Handle));

        List<SafeFileHandle> descriptors = [];
        byte[] bytes = new byte[8];
        Assert.Equal(SocketStatus.Ok, b.Receive(bytes.AsSpan(0, 1), descriptors, out int count));
        Assert.Equal(1, count);
        using NotifyDescriptor received = new(Assert.Single(descriptors));
        Assert.Equal(SocketStatus.Ok, b.Receive(bytes, descriptors, out count));
        Assert.Equal(3, count);
        _ = Assert.Single(descriptors); // the rest came without any

        Assert.True(received.Ring());
        Assert.True(bell.TryTake(out bool rang) && rang);
        Assert.True(bell.TryTake(out rang) && !rang);
    }

    [Fact]
    public void Nobody_waits_and_a_closed_peer_is_told_from_a_silent_one()
    {
        (DescriptorSocket first, DescriptorSocket second) = DescriptorSocket.CreatePair();
        using DescriptorSocket a = first;
        byte[] bytes = new byte[65536];
        List<SafeFileHandle> descriptors = [];
        using (DescriptorSocket b = second)
        {
            Assert.Equal(SocketStatus.WouldBlock, b.Receive(bytes, descriptors, out int count));
            Assert.Equal(0, count);
            SocketStatus status;
            do status = a.Send(bytes); while (status == SocketStatus.Ok);
            Assert.Equal(SocketStatus.WouldBlock, status);
        }

        Assert.Equal(SocketStatus.Closed, a.Send([1]));
        Assert.Equal(SocketStatus.Closed, a.Receive(bytes, descriptors, out _));
        Assert.Empty(descriptors);
    }

    [Fact]
    public void As_many_descriptors_as_Linux_lets_pass_all_arrive()
    {
        (DescriptorSocket first, DescriptorSocket second) = DescriptorSocket.CreatePair();
        using DescriptorSocket a = first, b = second;
        using NotifyDescriptor bell = NotifyDescriptor.Create();
        SafeFileHandle[] many = [.. Enumerable.Repeat(bell.Handle, DescriptorSocket.DescriptorCountMax)];
        Assert.Equal(SocketStatus.Ok, a.Send([1], many));
        List<SafeFileHandle> descriptors = [];
        Assert.Equal(SocketStatus.Ok, b.Receive(new byte[1], descriptors, out _));
        Assert.Equal(many.Length, descriptors.Count);
        foreach (SafeFileHandle descriptor in descriptors) descriptor.Dispose();
    }
}
