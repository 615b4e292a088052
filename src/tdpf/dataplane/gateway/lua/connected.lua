-- Connected files: from where each is fetched. The list and its mark: tdpf.dataplane.gateway.connected_files. CONNECTED_PATH and
-- MARK_PATH are set before this file.
local mark, mark_seen, connected

local function map_mark()
  local descriptor = C.open(MARK_PATH, O_RDWR)
  if descriptor < 0 then return end
  local size = tonumber(C.lseek(descriptor, 0, SEEK_END))
  local address = size >= 4 and C.mmap(nil, size, PROT_READ_WRITE, MAP_SHARED, descriptor, 0)
  C.close(descriptor)
  if address and ffi.cast("intptr_t", address) ~= -1 then mark = ffi.cast("uint32_t*", address) end
end

local function read_connected()
  local found = {}
  local list = io.open(CONNECTED_PATH, "r")
  if list == nil then error("no list of connected files") end
  for line in list:lines() do
    local tab = line:find("\t", 1, true)
    found[line:sub(1, tab - 1)] = line:sub(tab + 1)
  end
  list:close()
  return found
end

-- Return cluster, Host header and path of the file at this path, tab-separated, or nil when no provider has it.
local function connected_file(path)
  if mark == nil then map_mark() end
  if mark == nil then error("no mark of connected files") end
  local number = mark[0]
  if number ~= mark_seen then
    connected, mark_seen = read_connected(), number
    -- The list before it may be megabytes, and garbage is seldom collected.
    collectgarbage()
  end
  return connected[path:sub(13)]
end

-- Lead the call to the provider: its route is found by a header and our path, which both go before the request does.
local function lead_to_provider(handle, headers, found)
  local cluster, host, target = found:match("^([^\t]+)\t([^\t]+)\t([^\t]+)$")
  headers:replace("x-tdpf-to", cluster)
  handle:clearRouteCache()
  if not handle:metadata():get("connected") then error("no route to providers") end
  headers:remove("x-tdpf-to")
  headers:replace(":authority", host)
  headers:replace(":path", target)
end
