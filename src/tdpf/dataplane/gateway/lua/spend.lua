-- Second script, behind the rate limit: take one call from the grant's budget, and only then mark the request as admitted.
-- The RBAC filter behind it lets nothing pass without that mark, so an error here or before closes the gate.
-- PLAN_POLICIES (plan code -> RateLimit-Policy item) is set before this file.

local known_day, known_month, known_month_ends

local function take(words, parity)
  return C.sem_trywait(words + parity) == 0
end

local function remaining(words, parity)
  return tonumber(words[parity] % 4294967296)
end

local function spend(handle)
  local headers = handle:headers()
  local address = headers:get("x-tdpf-grant")
  if address == nil then error("not identified") end
  local metadata = handle:streamInfo():dynamicMetadata()
  local policy = PLAN_POLICIES[headers:get("x-tdpf-plan")]
  if address == "none" then
    metadata:set("tdpf", "admission", { admitted = true, policy = policy })
    return
  end
  local table_header = current_table()
  if table_header == nil then return refuse(handle, "gateway/not-ready", { ["retry-after"] = "2" }) end
  local principal, dataset = address:match("^(%d+):(%d+)$")
  local grant = find_grant(tonumber(principal), tonumber(dataset))
  if grant == nil then return refuse(handle, "gateway/not-granted") end

  local now = clock()
  local day = day_of(now)
  if day ~= known_day then
    known_month, known_month_ends = month_of(day)
    known_day = day
  end
  local day_parity, month_parity = day % 2, known_month % 2
  local day_limit, month_limit = grant.day_limit, grant.month_limit
  local day_ready, month_ready = grant.day_of[day_parity] == day, grant.month_of[month_parity] == known_month
  if (day_limit ~= 0 and not day_ready) or (month_limit ~= 0 and not month_ready) then
    return refuse(handle, "gateway/not-ready", { ["retry-after"] = "2" })
  end

  local day_resets = (day + 1) * 86400 - 32400 - now
  local month_resets = known_month_ends * 86400 - 32400 - now
  if day_ready and not take(grant.day_words, day_parity) and day_limit ~= 0 then
    return refuse(handle, "gateway/quota-spent", {
      ["retry-after"] = tostring(day_resets),
      ["ratelimit-policy"] = '"day";q=' .. day_limit .. ";w=86400",
      ["ratelimit"] = '"day";r=0;t=' .. day_resets,
      ["x-ratelimit-limit"] = tostring(day_limit),
      ["x-ratelimit-remaining"] = "0",
      ["x-ratelimit-reset"] = tostring(day_resets),
    })
  end
  if month_limit ~= 0 and not take(grant.month_words, month_parity) then
    if day_ready then C.sem_post(grant.day_words + day_parity) end
    return refuse(handle, "gateway/quota-spent", {
      ["retry-after"] = tostring(month_resets),
      ["ratelimit-policy"] = '"month";q=' .. month_limit .. ";w=2592000",
      ["ratelimit"] = '"month";r=0;t=' .. month_resets,
      ["x-ratelimit-limit"] = tostring(month_limit),
      ["x-ratelimit-remaining"] = "0",
      ["x-ratelimit-reset"] = tostring(month_resets),
    })
  end

  if day_limit == 0 and month_limit == 0 then
    metadata:set("tdpf", "admission", { admitted = true, counted = "1", policy = policy })
    return
  end
  local limit, left, resets, state
  if day_limit ~= 0 then
    limit, left, resets = day_limit, remaining(grant.day_words, day_parity), day_resets
    policy = policy .. ', "day";q=' .. day_limit .. ";w=86400"
    state = '"day";r=' .. left .. ";t=" .. day_resets
  end
  if month_limit ~= 0 then
    local month_left = remaining(grant.month_words, month_parity)
    policy = policy .. ', "month";q=' .. month_limit .. ";w=2592000"
    state = (state and state .. ", " or "") .. '"month";r=' .. month_left .. ";t=" .. month_resets
    if left == nil or month_left < left then limit, left, resets = month_limit, month_left, month_resets end
  end
  -- One write: each costs a conversion of its own.
  metadata:set("tdpf", "admission", {
    admitted = true,
    counted = "1",
    policy = policy,
    state = state,
    limit = tostring(limit),
    remaining = tostring(left),
    reset = tostring(resets),
  })
end

function envoy_on_request(handle)
  local good, fault = pcall(spend, handle)
  if not good then
    handle:logErr("tdpf spend: " .. tostring(fault))
    refuse(handle, "gateway/not-decided")
  end
end
