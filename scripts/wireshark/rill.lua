-- SPDX-License-Identifier: GPL-2.0
--
-- rill.lua - rill's segments in Wireshark and tshark: TCP's dissector reads them,
-- with all that it knows of streams, and this adds what is rill's own: the
-- checksum, which covers protocol 253 or 254, and the option of its SYNs.

-- It may be installed, and named on the command line besides.
for _, name in pairs(Dissector.list()) do
	if name == "rill" then
		return
	end
end

local rill = Proto("rill", "rill, a byte stream on its own IP protocol")
local tcp = Dissector.get("tcp")

local BAD, GOOD, UNVERIFIED, PARTIAL = 0, 1, 2, 3
local f = rill.fields
f.protocol = ProtoField.uint8("rill.protocol", "Protocol number")
f.status = ProtoField.uint8("rill.checksum.status", "Checksum status", base.DEC, {
	[BAD] = "Bad",
	[GOOD] = "Good",
	[UNVERIFIED] = "Unverified",
	[PARTIAL] = "Partial: the sending host leaves the rest to its device",
})
f.calculated = ProtoField.uint16("rill.checksum.calculated", "Calculated checksum", base.HEX)
f.option = ProtoField.bytes("rill.option", "Option of rill (RFC 6994, experiment 0x7269)")
f.unit = ProtoField.uint8("rill.option.unit", "Unit of timestamps", base.DEC, { [3] = "1 ms", [6] = "1 us" })
f.delay = ProtoField.uint32("rill.option.ack_delay_us", "Longest delay of an ACK, microseconds")

rill.experts.checksum = ProtoExpert.new("rill.checksum.bad", "Bad checksum", expert.group.CHECKSUM,
	expert.severity.ERROR)

-- Where the addresses are that this segment came with: the innermost.
local ends = {
	{ Field.new("ip.src"), Field.new("ip.dst") },
	{ Field.new("ipv6.src"), Field.new("ipv6.dst") },
}
local numbers = { Field.new("ip.proto"), Field.new("ipv6.nxt") }

-- The last that a packet has of a field.
local function last(field)
	local found = { field() }
	return found[#found]
end

-- The sum of a range's 16-bit words (RFC 1071), added to another.
local function add(sum, range)
	local bytes = range:bytes()
	local length = bytes:len()
	for at = 0, length - 2, 2 do
		sum = sum + bytes:get_index(at) * 256 + bytes:get_index(at + 1)
	end
	if length % 2 == 1 then
		sum = sum + bytes:get_index(length - 1) * 256
	end
	return sum
end

local function fold(sum)
	while sum > 0xffff do
		sum = sum % 0x10000 + math.floor(sum / 0x10000)
	end
	return sum
end

-- The pseudo header's sum (RFC 9293, 3.1; RFC 8200, 8.1), or nothing.
local function pseudo(tvb, protocol, version)
	local source, target = last(ends[version][1]), last(ends[version][2])
	if not source or not target then
		return nil
	end
	return add(add(protocol + tvb:reported_len(), source.range), target.range)
end

local function checksum(tvb, pinfo, tree, protocol, version)
	local field = tvb(16, 2)
	local sum = pseudo(tvb, protocol, version)
	local status, calculated = UNVERIFIED, nil
	-- A fragment, and what an ICMP error quotes, are parts of a segment.
	if sum and tvb:captured_len() == tvb:reported_len() and not pinfo.fragmented and not pinfo.in_error_pkt then
		-- Its own field counts as 0.
		calculated = 0xffff - fold(add(sum, tvb()) - field:uint())
		if calculated == field:uint() then
			status = GOOD
		elseif field:uint() == fold(sum) then
			status = PARTIAL
		else
			status = BAD
		end
	end
	local item = tree:add(f.status, field, status):set_generated()
	if status == BAD then
		tree:add(f.calculated, field, calculated):set_generated()
		item:add_proto_expert_info(rill.experts.checksum)
	end
end

-- The option: kind 253, length 8, experiment 0x7269, unit and delay.
local function option(tvb, tree)
	local stop = math.min(tvb(12, 1):bitfield(0, 4) * 4, tvb:captured_len())
	local at = 20
	while at + 1 < stop do
		local kind, length = tvb(at, 1):uint(), 1
		if kind == 0 then
			return
		end
		if kind ~= 1 then
			length = tvb(at + 1, 1):uint()
			if length < 2 or at + length > stop then
				return
			end
		end
		if kind == 253 and length == 8 and tvb(at + 2, 2):uint() == 0x7269 then
			local branch = tree:add(f.option, tvb(at, 8))
			branch:add(f.unit, tvb(at + 4, 1))
			branch:add(f.delay, tvb(at + 5, 3))
		end
		at = at + length
	end
end

function rill.dissector(tvb, pinfo, tree)
	if tvb:captured_len() < 20 then
		return 0
	end
	-- Of a packet in another the inner one.
	local version = tostring(pinfo.net_src):find(":", 1, true) and 2 or 1
	local number = last(numbers[version])
	local protocol = number and number.value
	if protocol ~= 253 and protocol ~= 254 then
		-- Behind an extension header of IPv6, or without a packet around it.
		protocol = pinfo.match_uint or 253
	end

	local branch = tree:add(rill, tvb(0, math.min(tvb(12, 1):bitfield(0, 4) * 4, tvb:captured_len())))
	branch:add(f.protocol, protocol):set_generated()
	checksum(tvb, pinfo, branch, protocol, version)
	option(tvb, branch)
	-- A segment that TCP's dissector cannot read it has marked as malformed.
	pcall(tcp.call, tcp, tvb, pinfo, tree)
	return tvb:captured_len()
end

for _, number in ipairs({ 253, 254 }) do
	DissectorTable.get("ip.proto"):add(number, rill)
end
