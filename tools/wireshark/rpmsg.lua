-- Wireshark dissector for captures of RemoteprocEmu: rpmsg messages (link type USER0) and kernel log lines (USER1).
--
--   wireshark -X lua_script:rpmsg.lua FILE.pcapng          once
--   cp rpmsg.lua ~/.local/lib/wireshark/plugins/           for good
--
-- Filters: rpmsg.src == 0x400, rpmsg.dst, rpmsg.len, rpmsg.ns.name == "rpmsg-client-sample", rpmsg.lie, kernel_log contains "crash".
-- Layout: Linux drivers/rpmsg/virtio_rpmsg_bus.c, struct rpmsg_hdr; include/linux/rpmsg/ns.h, struct rpmsg_ns_msg.

local HEADER_BYTES = 16
local NS_BYTES = 40
local NS_ADDRESS = 0x35

local rpmsg = Proto("rpmsg", "Remote Processor Messaging")

local f = {
  src = ProtoField.uint32("rpmsg.src", "Source", base.HEX),
  dst = ProtoField.uint32("rpmsg.dst", "Destination", base.HEX),
  reserved = ProtoField.uint32("rpmsg.reserved", "Reserved", base.HEX),
  len = ProtoField.uint16("rpmsg.len", "Payload length", base.DEC),
  flags = ProtoField.uint16("rpmsg.flags", "Flags", base.HEX),
  data = ProtoField.bytes("rpmsg.data", "Payload"),
  text = ProtoField.string("rpmsg.text", "Payload as text"),
  ns_name = ProtoField.string("rpmsg.ns.name", "Service"),
  ns_addr = ProtoField.uint32("rpmsg.ns.addr", "Address", base.HEX),
  ns_flags = ProtoField.uint32("rpmsg.ns.flags", "Flags", base.HEX, { [0] = "create", [1] = "destroy" }),
}
rpmsg.fields = { f.src, f.dst, f.reserved, f.len, f.flags, f.data, f.text, f.ns_name, f.ns_addr, f.ns_flags }

local lie = ProtoExpert.new("rpmsg.lie", "The header claims more than there is", expert.group.MALFORMED, expert.severity.ERROR)
local short = ProtoExpert.new("rpmsg.short", "Shorter than a header", expert.group.MALFORMED, expert.severity.ERROR)
local ns_size = ProtoExpert.new("rpmsg.ns.size", "Not the size of a name service message", expert.group.MALFORMED, expert.severity.ERROR)
rpmsg.experts = { lie, short, ns_size }

-- Which way it went, as the capture says: 1 to the host, 2 from it.
local direction = Field.new("frame.packet_flags_direction")

-- Adds the name service part and returns what to say about it.
local function name_service(tvb, tree)
  local part = tree:add(rpmsg, tvb(0, NS_BYTES), "Name service")
  local name = tvb(0, 32):stringz()
  part:add(f.ns_name, tvb(0, 32), name)
  part:add_le(f.ns_addr, tvb(32, 4))
  part:add_le(f.ns_flags, tvb(36, 4))
  local verb = tvb(36, 4):le_uint() % 2 == 1 and "destroy" or "create"
  return string.format("name service: %s %s, address 0x%x", verb, name, tvb(32, 4):le_uint())
end

local function printable(tvb)
  local text = tvb:raw():gsub("[%z\n\r]+$", "")
  return #text > 0 and not text:find("[^\t\n\r\32-\126]") and text or nil
end

function rpmsg.dissector(tvb, pinfo, tree)
  pinfo.cols.protocol = "RPMSG"
  local root = tree:add(rpmsg, tvb())
  if tvb:len() < HEADER_BYTES then
    root:add_proto_expert_info(short)
    pinfo.cols.info = string.format("%d bytes: shorter than a header", tvb:len())
    return
  end

  local src, dst, length = tvb(0, 4):le_uint(), tvb(4, 4):le_uint(), tvb(12, 2):le_uint()
  root:add_le(f.src, tvb(0, 4))
  root:add_le(f.dst, tvb(4, 4))
  root:add_le(f.reserved, tvb(8, 4))
  root:add_le(f.len, tvb(12, 2))
  root:add_le(f.flags, tvb(14, 2))
  root:append_text(string.format(", 0x%x to 0x%x, %d bytes", src, dst, length))
  local way = direction()
  local inbound = way and way.value == 1
  pinfo.cols.src = string.format("%s 0x%x", inbound and "remote" or "host", src)
  pinfo.cols.dst = string.format("%s 0x%x", inbound and "host" or "remote", dst)

  local there = tvb:len() - HEADER_BYTES
  if length > there then
    root:add_proto_expert_info(lie, string.format("The header claims %d bytes, and there are %d", length, there))
  end

  local info = string.format("%d bytes", length)
  local taken = math.min(length, there)
  if taken > 0 then
    local payload = tvb(HEADER_BYTES, taken)
    if dst == NS_ADDRESS and taken == NS_BYTES then
      info = name_service(payload, root)
    else
      if dst == NS_ADDRESS then root:add_proto_expert_info(ns_size) end
      root:add(f.data, payload)
      local text = printable(payload)
      if text then
        root:add(f.text, payload, text)
        info = info .. ": " .. text
      end
    end
  end

  pinfo.cols.info = info
end

local kernel_log = Proto("kernel_log", "Kernel log")
local f_line = ProtoField.string("kernel_log.line", "Line")
kernel_log.fields = { f_line }

function kernel_log.dissector(tvb, pinfo, tree)
  local line = tvb():string(ENC_UTF_8)
  pinfo.cols.protocol = "LOG"
  pinfo.cols.info = line
  tree:add(kernel_log, tvb()):add(f_line, tvb(), line)
end

local encapsulations = DissectorTable.get("wtap_encap")
encapsulations:add(wtap.USER0, rpmsg)
encapsulations:add(wtap.USER1, kernel_log)
