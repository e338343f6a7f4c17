/** What the bridge has to be told of a provider, and what people call it. */
type ProviderForm = {
  readonly account: { readonly key: string; readonly is: string; readonly form: RegExp };
  readonly secret: { readonly key: string; readonly is: string; readonly file: string };
};

/** The providers that need no more than an account and a secret. Any other one has a body of its own: docs/sms.md. */
export const PROVIDERS = {
  twilio: {
    account: { key: 'account_sid', is: 'the account SID of Twilio, which starts with AC', form: /^AC\w+$/ },
    secret: { key: 'auth_token_file', is: 'the auth token of Twilio', file: 'twilio_token' },
  },
  vonage: {
    account: { key: 'api_key', is: 'the API key of Vonage', form: /^\S+$/ },
    secret: { key: 'api_secret_file', is: 'the API secret of Vonage', file: 'vonage_secret' },
  },
} as const satisfies Readonly<Record<string, ProviderForm>>;

export type ProviderName = keyof typeof PROVIDERS;
export const PROVIDER_NAMES = Object.keys(PROVIDERS) as readonly ProviderName[];
