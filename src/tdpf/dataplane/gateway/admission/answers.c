#include "answers.h"

void tell(struct answer *answer, struct text name, struct text value) {
  if (value.at && answer->count < MOST_HEADERS) answer->headers[answer->count++] = (struct header){name, value};
}

bool wants_english(struct text language) {
  while (language.length) {
    struct text tag = first(language, where_is(language, ','));
    language = behind(language, tag.length + 1);
    while (tag.length && (tag.at[0] == ' ' || tag.at[0] == '\t')) tag = behind(tag, 1);
    if (tag.length < 2) continue;
    char one = (char)(tag.at[0] | 32), two = (char)(tag.at[1] | 32), next = tag.length == 2 ? ';' : tag.at[2];
    if (next != ';' && next != '-' && next != ' ') continue;
    if (one == 'e' && two == 'n') return true;
    if (one == 'j' && two == 'a') return false;
  }
  return false;
}

static struct text put_document(struct page *page, struct text document, struct text instance) {
  const struct text mark = TEXT("@instance@");
  size_t since = page->used;
  while (document.length) {
    struct text plain = first(document, where_is(document, '@'));
    put(page, plain);
    document = behind(document, plain.length);
    bool found = begins_with(document, mark);
    put(page, found ? instance : first(document, 1));
    document = behind(document, found ? mark.length : 1);
  }
  return said_since(page, since);
}

// The status of gRPC for one of HTTP, as gRPC's own mapping has it, but RESOURCE_EXHAUSTED for who calls too often.
static struct text grpc_status_of(uint32_t status) {
  switch (status) {
    case 400: return TEXT("13");
    case 401: return TEXT("16");
    case 403: return TEXT("7");
    case 404: return TEXT("12");
    case 429: return TEXT("8");
    case 503: return TEXT("14");
    default: return TEXT("2");
  }
}

void refuse_with(struct answer *answer, const struct settings *settings, enum refusal refusal, const struct reader *reader,
                 struct page *page) {
  const struct problem *problem = &settings->problems[refusal];
  const bool english = wants_english(reader->language);
  answer->status = problem->status;
  answer->body = put_document(page, english ? problem->english : problem->japanese, reader->instance);
  tell(answer, TEXT("content-language"), english ? TEXT("en") : TEXT("ja"));
  tell(answer, TEXT("cache-control"), TEXT("no-store"));
  tell(answer, TEXT("vary"), TEXT("Accept-Language"));
  if (problem->status == 401)
    tell(answer, TEXT("www-authenticate"),
         refusal == NO_KEY ? TEXT("Bearer realm=\"TDPF\"") : TEXT("Bearer realm=\"TDPF\", error=\"invalid_token\""));
  if (begins_with(reader->content_type, TEXT("application/grpc")))
    // Envoy makes the document its message.
    tell(answer, TEXT("grpc-status"), grpc_status_of(problem->status));
  else
    tell(answer, TEXT("content-type"), TEXT("application/problem+json"));
}
