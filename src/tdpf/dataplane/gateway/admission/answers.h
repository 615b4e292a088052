// Answers that the gateway gives by itself.
#pragma once

#include "settings.h"
#include "text.h"

struct header {
  struct text name, value;
};

enum { MOST_HEADERS = 24 };

struct answer {
  uint32_t status;
  struct header headers[MOST_HEADERS];
  size_t count;
  struct text body;
};

// Add a header, unless its value is absent.
void tell(struct answer *answer, struct text name, struct text value);

// To whom a refusal is told.
struct reader {
  struct text language, content_type, instance;
};

// Make the answer a problem document, written on the page; headers that belong to the reason are told beside it.
void refuse_with(struct answer *answer, const struct settings *settings, enum refusal refusal, const struct reader *reader,
                 struct page *page);

// Say whether an Accept-Language names English before Japanese.
bool wants_english(struct text language);
