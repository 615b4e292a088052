-- Who calls, what for, is there a grant in force, is the call in its speed, is there budget left? Only then is the request
-- marked as admitted; the RBAC filter behind it lets nothing pass without that mark, so an error closes the gate.
-- What filters, log and answer need is written to x-tdpf-* headers (client copies were removed before); a request that goes to a
-- provider loses them, so there the same words are metadata. PLANS (number -> plan) and ANONYMOUS_PLAN are set before this file.

-- Almost everything a call leaves behind is garbage: collecting it less often costs some megabytes and saves time.
collectgarbage("setpause", 1000)

-- What is known of the call that is being decided: a script's run is never interrupted by another one. A closure over these would
-- be made for every call, and LuaJIT compiles nothing that makes one.
local application, kind, agreement, dataset, class, deprecation, sunset

-- A number below 2^31 as an integer, which LuaJIT writes out several times faster than a double.
local function whole(number) return number < 2147483648 and tobit(number) or number end

local function percent_decoded(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- Return the path without apikey parameters, the first such parameter, and how many there were.
local function without_apikey(path, mark)
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

-- Say whether the text has these bytes at this place, counted from 0; a string of its own would have to be made for `==`.
local function has_at(text, place, bytes)
  return place <= #text and C.strncmp(ffi.cast("const char*", text) + place, bytes, #bytes) == 0
end

-- Return the text in which the key was sent, or nil, and how many bytes stand before it; and the problem, if any.
local function key_sent(headers, query_key, query_count)
  local authorization, header_key = headers:get("authorization"), headers:get("x-api-key")
  if query_count == 0 and header_key == nil and authorization and has_at(authorization, 0, "Bearer tdpf_")
    and #authorization <= 207 and not authorization:find(",", 8, true) and not authorization:find(" ", 8, true) then
    -- The usual way; patterns are not compiled. Whatever else is no key has no entry in the table.
    return authorization, 7, nil
  end
  local count = query_count + (authorization and 1 or 0) + (header_key and 1 or 0)
  if count == 0 then return nil, 0, nil end
  if count > 1 then return nil, 0, "gateway/two-keys" end
  local key = query_key or header_key
  if authorization then
    if authorization:find(",", 1, true) then return nil, 0, "gateway/two-keys" end
    local scheme, rest = authorization:match("^(%a+) +(%S+) *$")
    if scheme == nil or scheme:lower() ~= "bearer" then return nil, 0, "gateway/key-unknown" end
    key = rest
  end
  if header_key and header_key:find(",", 1, true) then return nil, 0, "gateway/two-keys" end
  if #key > 200 or not key:find("^tdpf_[%w_-]+$") then return nil, 0, "gateway/key-unknown" end
  return key, 0, nil
end

-- Return the slug and the path class of a path without query; slug nil = no grant needed; class nil = nothing there.
local function address_by_pattern(path)
  local slug, rest = path:match("^/data/collections/([a-z0-9-]+)(.*)$")
  if slug then
    if rest == "/items" then return slug, "items" end
    if rest:sub(1, 1) == "." then rest = rest:match("^%.[^/]+(.*)$") end
    if rest == nil then return nil, nil end
    if rest == "/items" then return slug, "items" end
    if rest:find("^/items/[^/]+$") then return slug, "item" end
    if rest == "/aggregate" then return slug, "aggregate" end
    if rest == "" or rest:sub(1, 1) == "/" then return slug, "meta" end
    return nil, nil
  end
  slug, rest = path:match("^/data/streams/([a-z0-9-]+)(.*)$")
  if slug then
    if rest:sub(1, 1) == "." then rest = rest:match("^%.[a-z0-9_-]+(.*)$") end
    if rest == "" or (rest and rest:find("^/[a-z]+$")) then return slug, "stream" end
    return nil, nil
  end
  slug = path:match("^/data/apis/([a-z0-9-]+)/") or path:match("^/data/apis/([a-z0-9-]+)%.[a-z0-9_-]+/")
  if slug then return slug, "api" end
  slug = path:match("^/data/files/([a-z0-9-]+)/[^/]+$")
  if slug then return slug, "file" end
  slug = path:match("^/data/files/([a-z0-9-]+)/?$")
  if slug then return slug, "meta" end
  if path == "/data" or path == "/data/" or path == "/data/conformance" or path == "/data/collections"
    or path == "/data/collections/" or path:find("^/data/api[/.]") or path == "/data/api" then
    return nil, "meta"
  end
  return nil, nil
end

local SLUG_BYTES = ffi.new("uint8_t[256]")
for byte in ("abcdefghijklmnopqrstuvwxyz0123456789-"):gmatch(".") do SLUG_BYTES[byte:byte()] = 1 end

local function is_slug(text)
  for i = 1, #text do
    if SLUG_BYTES[text:byte(i)] == 0 then return false end
  end
  return text ~= ""
end

-- The same; rows are asked for most often, and patterns are not compiled.
local function address_of(path)
  local slash = has_at(path, 0, "/data/collections/") and path:find("/", 19, true)
  if not slash then return address_by_pattern(path) end
  local slug = path:sub(19, slash - 1)
  if not is_slug(slug) then return address_by_pattern(path) end
  if has_at(path, slash - 1, "/items") then
    if #path == slash + 5 then return slug, "items" end
    if has_at(path, slash + 5, "/") and #path > slash + 6 and not path:find("/", slash + 7, true) then return slug, "item" end
    return slug, "meta"
  end
  return slug, path:sub(slash) == "/aggregate" and "aggregate" or "meta"
end

-- Return the first grant in force for the caller, and whether one exists that is not in force.
local function grant_in_force(application, dataset, now)
  local early_or_late = false
  local principal = application
  for _ = 1, 2 do
    local grant = find_grant(principal, dataset)
    if grant ~= nil then
      local ends = grant.not_after
      if now >= grant.not_before and (ends == 0 or now < ends) then return grant, false end
      early_or_late = true
    end
    if principal < 1000 then break end
    principal = 2
  end
  return nil, early_or_late
end

local function moved(handle, path, collection, alias)
  local target = collections[collection.canonical]
  if band(target.flags, LIVE) == 0 or target.dataset ~= collection.dataset then return false end
  local before = path:match("^/data/%a+/")
  local location = before .. ffi.string(target.slug) .. path:sub(#before + #alias + 1)
  handle:streamInfo():dynamicMetadata():set("tdpf", "answered", true)
  handle:respond({ [":status"] = "308", ["location"] = location, ["cache-control"] = "no-cache" }, "")
end

-- Return the operation at a path of a provider's API, by those that its route lists; nil = nothing is there.
local function operation_at(handle, path)
  local rest = path:match("^/data/apis/[^/]+(/.*)$")
  for _, operation in ipairs(handle:metadata():get("operations") or {}) do
    if rest:find(operation.path) then return operation end
  end
  return nil
end

local function hexadecimal(words)
  local digits = {}
  for i = 0, 7 do digits[i + 1] = bit.tohex(words[i]) end
  return table.concat(digits)
end

-- The day and the month of the second that it is, how long they last, and the same as text.
local known_second
local day, day_parity, day_resets, day_resets_text, day_ends
local month, month_parity, month_resets, month_resets_text, month_ends
local function find_periods(now)
  if known_second == now then return end
  local today = day_of(now)
  if today ~= day then
    month, month_ends = month_of(today)
    day, day_parity, month_parity = today, today % 2, month % 2
  end
  day_resets, month_resets = (day + 1) * 86400 - 32400 - now, month_ends * 86400 - 32400 - now
  day_resets_text, month_resets_text = tostring(day_resets), tostring(month_resets)
  known_second = now
end

-- What RateLimit-Policy says of a plan with its limits, and the limits as text: few differ, so they are kept.
local known_policies, policies_known = {}, 0
local function policy_of(plan, day_limit, month_limit)
  local of_plan = known_policies[plan.number]
  local of_day = of_plan and of_plan[day_limit]
  local found = of_day and of_day[month_limit]
  if found then return found end
  if policies_known >= 10000 then
    known_policies, policies_known, of_plan = {}, 0, nil
  end
  found = { text = plan.policy, day = tostring(day_limit), month = tostring(month_limit) }
  if day_limit ~= 0 then found.text = found.text .. ', "day";q=' .. found.day .. ";w=86400" end
  if month_limit ~= 0 then found.text = found.text .. ', "month";q=' .. found.month .. ";w=2592000" end
  of_plan = of_plan or {}
  of_day = of_plan[day_limit] or {}
  known_policies[plan.number], of_plan[day_limit], of_day[month_limit] = of_plan, of_day, found
  policies_known = policies_known + 1
  return found
end

local function quota_headers(name, span, limit, resets)
  return {
    ["retry-after"] = tostring(resets),
    ["ratelimit-policy"] = '"' .. name .. '";q=' .. limit .. ";w=" .. span,
    ["ratelimit"] = '"' .. name .. '";r=0;t=' .. resets,
    ["x-ratelimit-limit"] = tostring(limit),
    ["x-ratelimit-remaining"] = "0",
    ["x-ratelimit-reset"] = tostring(resets),
  }
end

-- The words of an announced end, told on refusals too: Deprecation (RFC 9745) and Sunset (RFC 8594), nil where there is none.
local function ending_of(collection)
  local deprecated, ends = tonumber(collection.deprecated_at), tonumber(collection.sunset)
  return deprecated ~= 0 and "@" .. deprecated or nil, ends ~= 0 and os.date("!%a, %d %b %Y %H:%M:%S GMT", ends) or nil
end

-- Say whether this gateway, one of several, has spent what it held of a quota of which more may come.
local SOON = { ["retry-after"] = "1" }
local function waits(grant, fill, limit, spent)
  return fill < limit and band(grant.flags, spent) == 0
end

-- Return what is left of a quota: what stands in its word, and what other gateways may still be lent.
local function left_of(word, limit, fill)
  local left = word.value
  return fill < limit and left + limit - fill or left
end

-- Take one call from the grant's day and month. Return what the answer says of them (all but the policy nil = no limit), or nil,
-- the problem and its headers.
local function spend(grant, now, plan)
  find_periods(now)
  local day_limit, month_limit = grant.day_limit, grant.month_limit
  local day_ready = grant.day_of[day_parity] == day
  if (day_limit ~= 0 and not day_ready) or (month_limit ~= 0 and grant.month_of[month_parity] ~= month) then
    return nil, "gateway/not-ready", { ["retry-after"] = "2" }
  end
  if day_ready and C.sem_trywait(grant.day_words + day_parity) ~= 0 and day_limit ~= 0 then
    if waits(grant, grant.day_fill[day_parity], day_limit, DAY_SPENT * (day_parity + 1)) then return nil, "gateway/not-ready", SOON end
    return nil, "gateway/quota-spent", quota_headers("day", 86400, day_limit, day_resets)
  end
  if month_limit ~= 0 and C.sem_trywait(grant.month_words + month_parity) ~= 0 then
    if day_ready then C.sem_post(grant.day_words + day_parity) end
    if waits(grant, grant.month_fill[month_parity], month_limit, MONTH_SPENT * (month_parity + 1)) then
      return nil, "gateway/not-ready", SOON
    end
    return nil, "gateway/quota-spent", quota_headers("month", 2592000, month_limit, month_resets)
  end
  if day_limit == 0 and month_limit == 0 then return plan.policy end
  local policy = policy_of(plan, day_limit, month_limit)
  if month_limit == 0 then
    local left = tostring(whole(left_of(grant.day_words[day_parity], day_limit, grant.day_fill[day_parity])))
    return policy.text, '"day";r=' .. left .. ";t=" .. day_resets_text, policy.day, left, day_resets_text
  end
  local month_left = left_of(grant.month_words[month_parity], month_limit, grant.month_fill[month_parity])
  local month_text = tostring(whole(month_left))
  if day_limit == 0 then
    return policy.text, '"month";r=' .. month_text .. ";t=" .. month_resets_text, policy.month, month_text, month_resets_text
  end
  local day_left = left_of(grant.day_words[day_parity], day_limit, grant.day_fill[day_parity])
  local day_text = tostring(whole(day_left))
  local state = '"day";r=' .. day_text .. ";t=" .. day_resets_text .. ', "month";r=' .. month_text .. ";t=" .. month_resets_text
  if month_left < day_left then return policy.text, state, policy.month, month_text, month_resets_text end
  return policy.text, state, policy.day, day_text, day_resets_text
end

-- Refuse the call that is being decided, and note whose it was.
local function refused(handle, headers, code, extra)
  local who = whole(application) .. "," .. whole(agreement) .. "," .. whole(dataset) .. "," .. kind .. "," .. (class or "other")
  headers:replace("x-tdpf-call", who)
  if sunset or deprecation then
    extra = extra or {}
    extra["deprecation"], extra["sunset"] = deprecation, sunset
  end
  refuse(handle, code, extra)
end

local function admit(handle)
  local headers = handle:headers()
  local method, path = headers:get(":method"), headers:get(":path")
  local sent_path, query_key, query_count = path, nil, 0
  local mark = path:find("?", 1, true)
  if mark ~= nil and path:find("apikey=", mark, true) then
    path, query_key, query_count = without_apikey(path, mark)
    if query_count > 0 then headers:replace(":path", path) end
    mark = path:find("?", 1, true)
  end

  if #path > 8192 then return refuse(handle, "gateway/address-too-long") end
  if method == "OPTIONS" then
    handle:streamInfo():dynamicMetadata():set("tdpf", "answered", true)
    return handle:respond({ [":status"] = "204", ["allow"] = "GET, HEAD, OPTIONS" }, "")
  end
  local table_header = current_table()
  if table_header == nil then return refuse(handle, "gateway/not-ready", { ["retry-after"] = "2" }) end
  local now = clock()
  if now >= tonumber(table_header.not_after) then return refuse(handle, "gateway/closed", { ["retry-after"] = "60" }) end

  local bare = mark and path:sub(1, mark - 1) or path
  if bare:find("#", 1, true) then bare = bare:match("^[^#]*") end
  local slug, key_words
  slug, class = address_of(bare)
  application, kind, agreement, dataset = 1, "anonymous", 0, 0
  deprecation, sunset = nil, nil
  local key, before_key, fault = key_sent(headers, query_key, query_count)
  if fault == nil and key ~= nil then
    local words = sha256_words(key, before_key)
    local entry = find_key(words)
    -- A stream outlives its admission: delivery ends it when the key is taken back.
    if class == "stream" then headers:add("x-tdpf-key", hexadecimal(words)) end
    key_words = words
    if entry == nil then
      fault = "gateway/key-unknown"
    else
      application, kind = tonumber(entry.application), "key"
      local expires = tonumber(entry.expires_at)
      if expires ~= 0 and now >= expires then fault = "gateway/key-expired" end
    end
  end
  if fault ~= nil then
    local collection = slug and find_collection(slug)
    application, kind = 0, "none"
    if collection then dataset = tonumber(collection.dataset) end
    return refused(handle, headers, fault)
  end
  if class == nil then return refused(handle, headers, "gateway/not-found") end
  if class ~= "api" and method ~= "GET" and method ~= "HEAD" then
    return refused(handle, headers, "gateway/method-not-allowed", { ["allow"] = "GET, HEAD, OPTIONS" })
  end

  local plan, grant, view = ANONYMOUS_PLAN, nil, 0
  if slug ~= nil then
    local collection = find_collection(slug)
    if collection == nil then return refused(handle, headers, "gateway/not-found") end
    dataset = tonumber(collection.dataset)
    if band(collection.flags, ALIAS) ~= 0 then
      headers:replace("x-tdpf-call", application .. ",0," .. dataset .. "," .. kind .. "," .. class)
      if moved(handle, sent_path, collection, slug) == false then return refused(handle, headers, "gateway/not-found") end
      return
    end
    local keyless = kind == "anonymous" and band(table_header.flags, FLAG_OPEN_DATA_NEEDS_KEY) ~= 0
    local early_or_late
    if not keyless then grant, early_or_late = grant_in_force(application, dataset, now) end
    if grant == nil then
      if kind == "anonymous" then return refused(handle, headers, "gateway/no-key") end
      return refused(handle, headers, early_or_late and "gateway/not-in-force" or "gateway/not-granted")
    end
    agreement, view = tonumber(grant.agreement), grant.view
    plan = PLANS[grant.rate_plan] or PLANS[1]
    deprecation, sunset = ending_of(collection)
  end

  if class == "api" then
    local operation = operation_at(handle, bare)
    if operation == nil then return refused(handle, headers, "gateway/not-found") end
    if not (", " .. operation.allow .. ","):find(" " .. method .. ",", 1, true) then
      return refused(handle, headers, "gateway/method-not-allowed", { ["allow"] = operation.allow })
    end
    if operation.upgrade then return refused(handle, headers, "gateway/upgrade-needed", { ["upgrade"] = "websocket" }) end
  end

  local fast_enough
  if kind == "key" then
    fast_enough = in_speed(low_half(application), high_half(application), plan)
  else
    local low, high = caller_at(handle:streamInfo():downstreamRemoteAddress())
    fast_enough = in_speed(low, high, plan)
  end
  if not fast_enough then return refused(handle, headers, "gateway/too-fast", { ["retry-after"] = "1" }) end

  local policy, state, limit, left, resets = plan.policy, nil, nil, nil, nil
  if grant ~= nil then
    policy, state, limit, left, resets = spend(grant, now, plan)
    if policy == nil then return refused(handle, headers, state, limit) end
  end

  local counted = grant ~= nil and "1" or "0"
  local dataset_text = tostring(whole(dataset))
  local identity = whole(application) .. "," .. whole(agreement) .. "," .. dataset_text .. "," .. kind .. "," .. class
  local at_provider = class == "file" and connected_file(bare)
  if at_provider or class == "api" then
    -- The path is written anew; the usage log takes the address that was asked for from here.
    headers:replace("x-envoy-original-path", bare)
    local streams = class == "api" and handle:metadata():get("streams")
    if streams then
      local named, from = key_words and hexadecimal(key_words) or "", ""
      if kind ~= "key" then
        local low, high = caller_at(handle:streamInfo():downstreamRemoteAddress())
        from = low .. "." .. high
      end
      headers:add(
        "x-tdpf-stream",
        application .. "," .. agreement .. "," .. dataset .. "," .. named .. "," .. from .. "," .. streams
      )
    end
    handle:streamInfo():dynamicMetadata():set("tdpf", "call", {
      request = headers:get("x-request-id"),
      identity = identity,
      counted = counted,
      policy = policy,
      state = state,
      limit = limit,
      remaining = left,
      reset = resets,
      deprecation = deprecation,
      sunset = sunset,
    })
  else
    headers:add("x-tdpf-call", identity)
    headers:add("x-tdpf-dataset", dataset_text)
    headers:add("x-tdpf-view", tostring(whole(view)))
    headers:add("x-tdpf-policy", policy)
    if state then
      headers:add("x-tdpf-state", state)
      headers:add("x-tdpf-limit", limit)
      headers:add("x-tdpf-remaining", left)
      headers:add("x-tdpf-reset", resets)
    end
    if deprecation then headers:add("x-tdpf-deprecation", deprecation) end
    if sunset then headers:add("x-tdpf-sunset", sunset) end
  end
  headers:add("x-tdpf-counted", counted)
  if at_provider then lead_to_provider(handle, headers, at_provider) end
end

function envoy_on_request(handle)
  local good, fault = pcall(admit, handle)
  if not good then
    handle:logErr("tdpf admit: " .. tostring(fault))
    refuse(handle, "gateway/not-decided")
  end
end
