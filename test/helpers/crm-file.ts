/** What a person writes into a file for `admin seed FILE`. */
export const CRM = {
  users: [{ email: 'Ada@Example.com', name: 'Ada' }, { email: 'grace@example.com' }],
  organizations: [{ slug: 'acme', name: 'Acme' }],
  members: [
    { email: 'ada@example.com', organization: 'acme', role: 'owner' },
    { email: 'grace@example.com', organization: 'acme' },
  ],
  tasks: [
    {
      organization: 'acme',
      id: 7,
      title: ' Renew contract ',
      description: { a: [1] },
      createdBy: 'ada@example.com',
      owners: ['grace@example.com', 'ada@example.com'],
      createdAt: '2026-01-01T10:00:00+01:00',
      updatedAt: '2026-01-02T00:00:00Z',
      status: 'DONE',
      completedAt: '2026-01-02T00:00:00Z',
      assignee: 'ada@example.com',
    },
    { organization: 'acme', title: 'Ask legal', parent: 7, createdBy: 'grace@example.com' },
  ],
}
