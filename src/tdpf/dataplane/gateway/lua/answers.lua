-- Refusals. PROBLEMS is set before this file: code -> { status, ja, en } with the problem document as JSON text, in which
-- the instance is written as @instance@.

local function wants_english(language)
  if language == nil then return false end
  local lower = "," .. language:lower():gsub("%s", "")
  local english = lower:find(",en[-;,]") or lower:find(",en$")
  local japanese = lower:find(",ja[-;,]") or lower:find(",ja$")
  return english ~= nil and (japanese == nil or english < japanese)
end

-- Answer with a problem document. Never returns: respond() ends the script.
local function refuse(handle, code, extra)
  local problem = PROBLEMS[code]
  local headers = handle:headers()
  local english = wants_english(headers:get("accept-language"))
  local answer = {
    [":status"] = problem.status,
    ["content-type"] = "application/problem+json",
    ["content-language"] = english and "en" or "ja",
    ["cache-control"] = "no-store",
    ["vary"] = "Accept-Language",
  }
  if problem.status == "401" then
    answer["www-authenticate"] = code == "gateway/no-key" and 'Bearer realm="TDPF"'
      or 'Bearer realm="TDPF", error="invalid_token"'
  end
  for name, value in pairs(extra or {}) do answer[name] = value end
  if (headers:get("content-type") or ""):find("^application/grpc") then
    -- Envoy makes a status of gRPC of it, and the document its message.
    answer["content-type"] = nil
    if problem.status == "429" then answer["grpc-status"] = "8" end
  end
  local instance = headers:get("x-request-id") or ""
  local body = (english and problem.en or problem.ja):gsub("@instance@", function() return instance end)
  handle:streamInfo():dynamicMetadata():set("tdpf", "answered", true)
  handle:respond(answer, body)
end
