-- First script: who calls, what for, and is there a grant in force? It writes x-tdpf-* headers for the filters behind it
-- (client copies were removed before) and the identity for the usage log. It admits nothing: spend.lua does.
-- PLANS (number -> code) and ANONYMOUS_PLAN are set before this file.

local function principal_for_log(application, agreement, dataset, kind, class)
  return application .. "," .. agreement .. "," .. dataset .. "," .. kind .. "," .. class
end

local function percent_decoded(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- Return the path without apikey parameters, the first such parameter, and how many there were.
local function without_apikey(path)
  local mark = path:find("?", 1, true)
  if mark == nil or not path:find("apikey=", mark, true) then return path, nil, 0 end
  local kept, key, count = {}, nil, 0
  for part in path:sub(mark + 1):gmatch("[^&]+") do
    if part:sub(1, 7) == "apikey=" then
      count = count + 1
      key = key or percent_decoded(part:sub(8))
    else
      kept[#kept + 1] = part
    end
  end
  local rest = path:sub(1, mark - 1)
  if #kept > 0 then rest = rest .. "?" .. table.concat(kept, "&") end
  return rest, key, count
end

-- Return the key sent, or nil; and the problem, if any.
local function key_sent(headers, query_key, query_count)
  local authorization, header_key = headers:get("authorization"), headers:get("x-api-key")
  local count = query_count + (authorization and 1 or 0) + (header_key and 1 or 0)
  if count == 0 then return nil, nil end
  if count > 1 then return nil, "gateway/two-keys" end
  local key = query_key or header_key
  if authorization then
    if authorization:find(",", 1, true) then return nil, "gateway/two-keys" end
    local scheme, rest = authorization:match("^(%a+) +(%S+) *$")
    if scheme == nil or scheme:lower() ~= "bearer" then return nil, "gateway/key-unknown" end
    key = rest
  end
  if header_key and header_key:find(",", 1, true) then return nil, "gateway/two-keys" end
  if #key > 200 or not key:find("^tdpf_[%w_-]+$") then return nil, "gateway/key-unknown" end
  return key, nil
end

-- Return the slug and the path class of a path without query; slug nil = no grant needed; class nil = nothing there.
local function address_of(path)
  if path == "/data" or path == "/data/" or path == "/data/conformance" or path == "/data/collections"
    or path == "/data/collections/" or path:find("^/data/api[/.]") or path == "/data/api" then
    return nil, "meta"
  end
  local slug, rest = path:match("^/data/collections/([a-z0-9-]+)(.*)$")
  if slug then
    if rest:sub(1, 1) == "." then rest = rest:match("^%.[^/]+(.*)$") end
    if rest == nil then return nil, nil end
    if rest == "/items" then return slug, "items" end
    if rest:find("^/items/[^/]+$") then return slug, "item" end
    if rest == "/aggregate" then return slug, "aggregate" end
    if rest == "" or rest:sub(1, 1) == "/" then return slug, "meta" end
    return nil, nil
  end
  slug = path:match("^/data/apis/([a-z0-9-]+)/") or path:match("^/data/apis/([a-z0-9-]+)%.[a-z0-9_-]+/")
  if slug then return slug, "api" end
  slug = path:match("^/data/files/([a-z0-9-]+)/[^/]+$")
  if slug then return slug, "file" end
  slug = path:match("^/data/files/([a-z0-9-]+)/?$")
  if slug then return slug, "meta" end
  return nil, nil
end

-- Return the first grant in force for the caller, its principal, and whether one exists that is not in force.
local function grant_in_force(application, dataset, now)
  local early_or_late = false
  local principal = application
  for _ = 1, 2 do
    local grant = find_grant(principal, dataset)
    if grant ~= nil then
      local ends = grant.not_after
      if now >= grant.not_before and (ends == 0 or now < ends) then return grant, principal, false end
      early_or_late = true
    end
    if principal < 1000 then break end
    principal = 2
  end
  return nil, nil, early_or_late
end

local function moved(handle, path, collection, alias)
  local target = collections[collection.canonical]
  if band(target.flags, LIVE) == 0 or target.dataset ~= collection.dataset then return false end
  local before = path:match("^/data/%a+/")
  local location = before .. ffi.string(target.slug) .. path:sub(#before + #alias + 1)
  handle:streamInfo():dynamicMetadata():set("tdpf", "answered", true)
  handle:respond({ [":status"] = "308", ["location"] = location, ["cache-control"] = "no-cache" }, "")
end

-- Return what may be done at a path of a provider's API, by the operations that its route lists; nil = nothing is there.
local function allowed_at(handle, path)
  local rest = path:match("^/data/apis/[^/]+(/.*)$")
  for _, operation in ipairs(handle:metadata():get("operations") or {}) do
    if rest:find(operation.path) then return operation.allow end
  end
  return nil
end

local function identify(handle)
  local headers = handle:headers()
  local method = headers:get(":method")
  local sent_path = headers:get(":path")
  local path, query_key, query_count = without_apikey(sent_path)
  if query_count > 0 then headers:replace(":path", path) end
  local metadata = handle:streamInfo():dynamicMetadata()
  local function refused(code, extra) refuse(handle, code, extra) end

  if #path > 8192 then return refused("gateway/address-too-long") end
  if method == "OPTIONS" then
    metadata:set("tdpf", "answered", true)
    return handle:respond({ [":status"] = "204", ["allow"] = "GET, HEAD, OPTIONS" }, "")
  end
  local table_header = current_table()
  if table_header == nil then return refused("gateway/not-ready", { ["retry-after"] = "2" }) end
  local now = clock()
  if now >= tonumber(table_header.not_after) then return refused("gateway/closed", { ["retry-after"] = "60" }) end

  local bare = path:match("^[^?#]*")
  local slug, class = address_of(bare)
  local application, kind = 1, "anonymous"
  local key, fault = key_sent(headers, query_key, query_count)
  if fault == nil and key ~= nil then
    local entry = find_key(sha256_words(key))
    if entry == nil then
      fault = "gateway/key-unknown"
    else
      local expires = tonumber(entry.expires_at)
      application, kind = tonumber(entry.application), "key"
      if expires ~= 0 and now >= expires then fault = "gateway/key-expired" end
    end
  end
  if fault ~= nil then
    local collection = slug and find_collection(slug)
    local dataset = collection and tonumber(collection.dataset) or 0
    metadata:set("tdpf", "identity", principal_for_log(0, 0, dataset, "none", class or "other"))
    return refused(fault)
  end
  if class == nil then
    metadata:set("tdpf", "identity", principal_for_log(application, 0, 0, kind, "other"))
    return refused("gateway/not-found")
  end
  if class ~= "api" and method ~= "GET" and method ~= "HEAD" then
    metadata:set("tdpf", "identity", principal_for_log(application, 0, 0, kind, class))
    return refused("gateway/method-not-allowed", { ["allow"] = "GET, HEAD, OPTIONS" })
  end

  local plan, grant_address = ANONYMOUS_PLAN, "none"
  local agreement, dataset, view = 0, 0, 0
  if slug ~= nil then
    local collection = find_collection(slug)
    if collection == nil then
      metadata:set("tdpf", "identity", principal_for_log(application, 0, 0, kind, class))
      return refused("gateway/not-found")
    end
    dataset = tonumber(collection.dataset)
    if band(collection.flags, ALIAS) ~= 0 then
      metadata:set("tdpf", "identity", principal_for_log(application, 0, dataset, kind, class))
      if moved(handle, sent_path, collection, slug) == false then return refused("gateway/not-found") end
      return
    end
    local keyless = kind == "anonymous" and band(table_header.flags, FLAG_OPEN_DATA_NEEDS_KEY) ~= 0
    local grant, principal, early_or_late
    if not keyless then grant, principal, early_or_late = grant_in_force(application, dataset, now) end
    if grant == nil then
      metadata:set("tdpf", "identity", principal_for_log(application, 0, dataset, kind, class))
      if kind == "anonymous" then return refused("gateway/no-key") end
      return refused(early_or_late and "gateway/not-in-force" or "gateway/not-granted")
    end
    agreement, view = tonumber(grant.agreement), grant.view
    plan = PLANS[grant.rate_plan] or PLANS[1]
    grant_address = principal .. ":" .. dataset
    local deprecated, sunset = tonumber(collection.deprecated_at), tonumber(collection.sunset)
    if deprecated ~= 0 then metadata:set("tdpf", "deprecation", "@" .. deprecated) end
    if sunset ~= 0 then metadata:set("tdpf", "sunset", os.date("!%a, %d %b %Y %H:%M:%S GMT", sunset)) end
  end

  if class == "api" then
    local allow = allowed_at(handle, bare)
    if allow == nil or not (", " .. allow .. ","):find(" " .. method .. ",", 1, true) then
      metadata:set("tdpf", "identity", principal_for_log(application, agreement, dataset, kind, class))
      if allow == nil then return refused("gateway/not-found") end
      return refused("gateway/method-not-allowed", { ["allow"] = allow })
    end
    headers:replace("x-envoy-original-path", bare)
  end
  if class == "file" and handle:metadata():get("passed_through") then
    headers:replace(":path", bare)
    -- The route rewrites the path; the usage log takes the address that was asked for from here.
    headers:replace("x-envoy-original-path", bare)
  end
  metadata:set("tdpf", "identity", principal_for_log(application, agreement, dataset, kind, class))
  headers:add("x-tdpf-application", tostring(application))
  headers:add("x-tdpf-agreement", tostring(agreement))
  headers:add("x-tdpf-view", tostring(view))
  headers:add("x-tdpf-dataset", tostring(dataset))
  headers:add("x-tdpf-plan", plan)
  headers:add(kind == "key" and "x-tdpf-principal" or "x-tdpf-anonymous", kind == "key" and tostring(application) or plan)
  headers:add("x-tdpf-grant", grant_address)
end

function envoy_on_request(handle)
  local good, fault = pcall(identify, handle)
  if not good then
    handle:logErr("tdpf identify: " .. tostring(fault))
    refuse(handle, "gateway/not-decided")
  end
end
